import { Menu, UnstyledButton, VisuallyHidden } from "@mantine/core";
import {
  IconCheck,
  IconCommand,
  IconLogout,
  IconSelector,
  IconUserCircle,
} from "@tabler/icons-react";
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Desk, type Session, useLogout, useSwitchTenant } from "@/api/session";
import { Avatar } from "@/ui/avatar";
import { openCommandPalette } from "@/ui/command_palette";
import { Kbd } from "@/ui/kbd";
import classes from "./account_menu.module.css";
import { DESK_ICONS } from "./desk_icons";
import { rememberDesk, startPage } from "./desks";

type Props = { session: Session; desk: Desk | null; compact: boolean };

export function AccountMenu({ session, desk, compact }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  const logout = useLogout({ onSuccess: () => navigate({ to: "/login" }) });
  const switchTenant = useSwitchTenant({
    onSuccess: async () => {
      await router.invalidate();
      await navigate({ to: "/" });
    },
  });
  const { account, tenant, tenants, desks } = session;

  function goToDesk(wanted: Desk) {
    rememberDesk(wanted);
    void router.invalidate().then(() => navigate({ to: startPage(session, wanted) }));
  }

  return (
    <Menu position={compact ? "right-end" : "top-start"} width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.target} data-compact={compact || undefined}>
          <Avatar name={account.name} />
          {compact ? (
            <VisuallyHidden>{t("shell.account", { name: account.name })}</VisuallyHidden>
          ) : (
            <>
              <span className={classes.names}>
                <strong>{account.name}</strong>
                <span>
                  {session.member_role ? t(`role.${session.member_role}`) : account.email}
                </span>
              </span>
              <IconSelector size={16} aria-hidden />
            </>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {desks.length > 1 && <Menu.Label>{t("shell.desks")}</Menu.Label>}
        {desks.length > 1 &&
          desks.map((each) => {
            const Icon = DESK_ICONS[each];
            return (
              <Menu.Item
                key={each}
                leftSection={<Icon size={16} />}
                rightSection={each === desk && <IconCheck size={15} />}
                onClick={() => goToDesk(each)}
              >
                {t(`desk.${each}`)}
              </Menu.Item>
            );
          })}
        {tenants.length > 1 && <Menu.Label>{t("account.tenants")}</Menu.Label>}
        {tenants.length > 1 &&
          tenants.map(({ id, name }) => (
            <Menu.Item
              key={id}
              rightSection={id === tenant?.id && <IconCheck size={15} />}
              disabled={switchTenant.isPending}
              onClick={() => id !== tenant?.id && switchTenant.mutate(id)}
            >
              {name}
            </Menu.Item>
          ))}
        {(desks.length > 1 || tenants.length > 1) && <Menu.Divider />}
        <Menu.Item
          leftSection={<IconCommand size={16} />}
          rightSection={<Kbd keys="mod+k" />}
          onClick={openCommandPalette}
        >
          {t("shell.search")}
        </Menu.Item>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t("account.title")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logout.mutate(null)}>
          {t("shell.log_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
