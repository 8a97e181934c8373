import { UnstyledButton } from "@mantine/core";
import {
  IconArrowRight,
  IconBuildingBank,
  IconSend,
  IconServerCog,
  IconShieldCheck,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DemoRole, Desk } from "@/api/session";
import classes from "./demo_roles.module.css";

const ICONS: Record<Desk, TablerIcon> = {
  workspace: IconSend,
  moderation: IconShieldCheck,
  finance: IconBuildingBank,
  platform: IconServerCog,
};

type Props = { roles: readonly DemoRole[]; busy: boolean; onPick: (role: DemoRole) => void };

/** One click per role; shown where the server says that this is a demo, and nowhere else. */
export function DemoRoles({ roles, busy, onPick }: Props) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="demo-roles" className={classes.roles}>
      <h2 id="demo-roles">{t("login.demo_title")}</h2>
      <p>{t("login.demo_hint")}</p>
      <ul>
        {roles.map((role) => {
          const Icon = ICONS[role.desk];
          return (
            <li key={role.email}>
              <UnstyledButton className={classes.role} disabled={busy} onClick={() => onPick(role)}>
                <span className={classes.icon} data-desk={role.desk}>
                  <Icon size={19} stroke={1.7} aria-hidden />
                </span>
                <Words role={role} />
                <IconArrowRight size={17} aria-hidden className={classes.arrow} />
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Words({ role }: { role: DemoRole }) {
  const { t, i18n } = useTranslation();
  const { name, staff_role, member_role, tenant_name, terms } = role;
  const asMember = member_role && t(`role.${member_role}`).toLocaleLowerCase(i18n.language);
  return (
    <span className={classes.words}>
      <strong>{staff_role ? `${t(`role.${staff_role}`)} · ${name}` : (tenant_name ?? name)}</strong>
      {staff_role && <span>{t(`login.demo_staff.${staff_role}`)}</span>}
      {!staff_role && terms && (
        <span>
          {name}, {asMember}. {t(`login.demo_terms.${terms}`)}
        </span>
      )}
    </span>
  );
}
