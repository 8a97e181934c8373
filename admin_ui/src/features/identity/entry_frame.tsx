import "@mantine/core/styles/ActionIcon.layer.css";
import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/PasswordInput.layer.css";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Logo } from "@/ui/logo";
import classes from "./entry_frame.module.css";

/** The frame of log in and sign up: the form, and beside it what the demo offers. */
export function EntryFrame({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main id="main" tabIndex={-1} className={classes.page} data-aside={aside ? true : undefined}>
      <div className={classes.entry}>
        <p className={classes.brand}>
          <Logo size={36} />
          <strong>{t("brand")}</strong>
        </p>
        <p className={classes.welcome}>{t("login.welcome")}</p>
        <div className={classes.card}>{children}</div>
      </div>
      {aside}
    </main>
  );
}
