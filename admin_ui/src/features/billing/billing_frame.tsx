import { Link, type LinkProps, useLocation } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { useTabInView } from "@/ui/use_tab_in_view";
import { usePays } from "./billing";
import classes from "./billing_frame.module.css";

const PAGES = [
  { to: "/credits", key: "overview" },
  { to: "/credits/buy", key: "buy" },
  { to: "/credits/auto-reload", key: "auto_reload" },
  { to: "/credits/documents", key: "documents" },
  { to: "/credits/profile", key: "profile" },
] as const satisfies readonly { to: LinkProps["to"]; key: string }[];

type Props = { actions?: ReactNode; children: ReactNode };

/** The heading of all pages about credits, and the way between them for whoever pays. */
export function BillingFrame({ actions, children }: Props) {
  const { t } = useTranslation("billing");
  const pays = usePays();
  const { pathname } = useLocation();
  const bar = useRef<HTMLElement>(null);
  useTabInView(bar, pathname);
  return (
    <>
      <PageHeader title={t("title")} actions={actions}>
        {pays && (
          <nav ref={bar} aria-label={t("pages")} className={classes.pages}>
            {PAGES.map(({ to, key }) => (
              <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }}>
                {t(`page.${key}`)}
              </Link>
            ))}
          </nav>
        )}
      </PageHeader>
      <div className={classes.stack}>{children}</div>
    </>
  );
}
