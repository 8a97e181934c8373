import { Button } from "@mantine/core";
import { IconCoins } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { usePays } from "./billing";

/** A workspace that never had any. */
export function FirstCredits() {
  const { t } = useTranslation("billing");
  const pays = usePays();
  return (
    <Section>
      <EmptyState
        icon={IconCoins}
        title={t("first.title")}
        action={
          pays && (
            <Button renderRoot={(props) => <Link to="/credits/buy" {...props} />}>
              {t("buy.action")}
            </Button>
          )
        }
      >
        {pays ? t("first.text") : t("first.ask")}
      </EmptyState>
    </Section>
  );
}
