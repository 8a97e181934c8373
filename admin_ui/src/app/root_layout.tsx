import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, Outlet, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EmptyState, ErrorState, NoPermission } from "@/ui/states";
import { DeskRefused } from "./guards";
import classes from "./root_layout.module.css";

export function RootLayout() {
  const { t } = useTranslation();
  return (
    <>
      <a className={classes.skip} href="#main">
        {t("shell.skip")}
      </a>
      <Outlet />
    </>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main id="main" tabIndex={-1}>
      <EmptyState
        icon={IconMapQuestion}
        title={t("not_found.title")}
        heading="h1"
        action={
          <Button component={Link} to="/" variant="default">
            {t("not_found.action")}
          </Button>
        }
      >
        {t("not_found.text")}
      </EmptyState>
    </main>
  );
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof DeskRefused) {
    const grantedBy =
      error.desk === "workspace"
        ? t("no_permission.granted_by_owner")
        : t("no_permission.granted_by_staff");
    return <NoPermission grantedBy={grantedBy} />;
  }
  return (
    <ErrorState
      error={error}
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
