import { Drawer, Tooltip, UnstyledButton } from "@mantine/core";
import { IconDots, type TablerIcon } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Logo } from "./logo";
import classes from "./shell_frame.module.css";

export type ShellItem = {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  icon: TablerIcon;
  count?: number;
  /** Decided by the address when absent. */
  active?: boolean;
  /** Pages of their own stand below its address. */
  exact?: boolean;
};

type Props = {
  /** 224 px with words for tenants, who come weekly; a 56 px rail for staff, who live here. */
  variant: "nav" | "rail";
  subtitle?: string;
  items: readonly ShellItem[];
  /** Under the items: the credits card of the workspace. */
  footer?: ReactNode;
  /** The account's menu; `compact` on the rail. */
  menu: (compact: boolean) => ReactNode;
  /** Shown in the drawer behind "More" on a phone. */
  more?: ReactNode;
  banner?: ReactNode;
  /** Full bleed for desks of panes; padded otherwise. */
  bleed?: boolean;
  children: ReactNode;
};

const BOTTOM_BAR_ITEMS = 4;

export function ShellFrame(props: Props) {
  const { variant, subtitle, items, footer, menu, banner, children } = props;
  const { t } = useTranslation();
  const rail = variant === "rail";
  return (
    <div className={classes.shell} data-variant={variant}>
      <header className={classes.side}>
        <Link to="/" className={classes.brand} aria-label={rail ? t("brand") : undefined}>
          <Logo />
          {!rail && (
            <span>
              <strong>{t("brand")}</strong>
              {subtitle !== undefined && <span>{subtitle}</span>}
            </span>
          )}
        </Link>
        <nav aria-label={t("shell.main_nav")} className={classes.items}>
          {items.map((item) => (
            <NavLink key={item.label} item={item} compact={rail} />
          ))}
        </nav>
        <div className={classes.foot}>
          {!rail && footer}
          {menu(rail)}
        </div>
      </header>
      <div className={classes.page}>
        {banner}
        <main
          id="main"
          tabIndex={-1}
          className={classes.main}
          data-bleed={props.bleed || undefined}
        >
          {children}
        </main>
      </div>
      <BottomBar {...props} />
    </div>
  );
}

function NavLink({ item, compact }: { item: ShellItem; compact: boolean }) {
  const { icon: Icon, label, count } = item;
  const link = (
    <Link
      to={item.to}
      activeOptions={{ exact: item.exact ?? false, includeSearch: false }}
      className={classes.item}
      data-active={item.active || undefined}
      aria-current={item.active ? "page" : undefined}
      aria-label={compact ? label : undefined}
      activeProps={item.active === undefined ? { "data-active": true } : {}}
    >
      <Icon size={compact ? 19 : 18} stroke={1.7} aria-hidden />
      {!compact && <span>{label}</span>}
      {count !== undefined && count > 0 && <span className={classes.count}>{count}</span>}
    </Link>
  );
  if (!compact) return link;
  return (
    <Tooltip label={label} position="right">
      {link}
    </Tooltip>
  );
}

function BottomBar({ items, footer, menu, more }: Props) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <nav aria-label={t("shell.main_nav")} className={classes.bottom}>
        {items.slice(0, BOTTOM_BAR_ITEMS).map((item) => (
          <Link
            key={item.label}
            to={item.to}
            activeOptions={{ exact: item.exact ?? false, includeSearch: false }}
            data-active={item.active || undefined}
            aria-current={item.active ? "page" : undefined}
            activeProps={item.active === undefined ? { "data-active": true } : {}}
          >
            <item.icon size={20} stroke={1.7} aria-hidden />
            <span>{item.label}</span>
          </Link>
        ))}
        <UnstyledButton onClick={() => setOpened(true)} aria-haspopup="dialog">
          <IconDots size={20} stroke={1.7} aria-hidden />
          <span>{t("shell.more")}</span>
        </UnstyledButton>
      </nav>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        position="bottom"
        size="auto"
        classNames={{ inner: classes.sheetInner, content: classes.sheet }}
        title={t("shell.more")}
      >
        {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: closes after the links inside, which have the keyboard */}
        <div className={classes.more} onClick={() => setOpened(false)}>
          {items.slice(BOTTOM_BAR_ITEMS).map((item) => (
            <NavLink key={item.label} item={item} compact={false} />
          ))}
        </div>
        {footer}
        {more ?? menu(false)}
      </Drawer>
    </>
  );
}
