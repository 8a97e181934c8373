import { Tabs } from "@mantine/core";
import { IconTargetArrow, IconUsersGroup } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** Lists that somebody keeps, and rules that find people by themselves, side by side. */
export function GroupTabs({ value }: { value: "groups" | "target_groups" }) {
  const { t } = useTranslation("targeting");
  const navigate = useNavigate();
  return (
    <Tabs
      mb="md"
      value={value}
      onChange={(chosen) =>
        void navigate({ to: chosen === "target_groups" ? "/target-groups" : "/groups" })
      }
    >
      <Tabs.List aria-label={t("tabs.label")}>
        <Tabs.Tab value="groups" leftSection={<IconUsersGroup size={16} aria-hidden />}>
          {t("tabs.groups")}
        </Tabs.Tab>
        <Tabs.Tab value="target_groups" leftSection={<IconTargetArrow size={16} aria-hidden />}>
          {t("tabs.target_groups")}
        </Tabs.Tab>
      </Tabs.List>
    </Tabs>
  );
}
