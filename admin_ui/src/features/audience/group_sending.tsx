import { Button } from "@mantine/core";
import { IconClockHour4 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { rulesOf, type SendingRules, spanWords } from "@/ui/hours";
import { SendingFields } from "@/ui/hours_fields";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { GROUPS, type Group, useAudienceRights } from "./audience";
import classes from "./audience.module.css";

/** When and how often the people of a group are written to. */
export function GroupSending({ group }: { group: Group }) {
  const { t, i18n } = useTranslation("targeting");
  const rights = useAudienceRights();
  const [editing, setEditing] = useState(false);
  const said = rulesOf(group.sending);
  const words = (spans: SendingRules["quiet_hours"]) =>
    spans.map((span) => spanWords(span, t, i18n.language)).join(" · ");
  return (
    <Section
      title={t("group.title")}
      aside={
        rights.change && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconClockHour4 size={15} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            {t("group.edit")}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          { label: t("hours.quiet"), value: words(said.quiet_hours) },
          { label: t("hours.windows"), value: words(said.send_windows) },
          {
            label: t("caps.title"),
            value: said.frequency_caps
              .map(({ messages, days }) => t("caps.words", { messages, days }))
              .join(" · "),
          },
        ]}
      />
      {editing && <SendingDialog group={group} onClose={() => setEditing(false)} />}
    </Section>
  );
}

function SendingDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation("targeting");
  const refresh = useRefresh();
  const [sending, setSending] = useState(() => rulesOf(group.sending));
  const saving = useIntent(
    async (given: SendingRules, headers) =>
      present(
        await client.PATCH("/v1/groups/{group_id}", {
          params: { path: { group_id: group.id } },
          body: { sending: given, version: group.version },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(GROUPS);
        onClose();
      },
    },
  );
  return (
    <Dialog size="lg" onClose={onClose} title={t("group.title_of", { name: group.name })}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(sending);
        }}
      >
        <SendingFields value={sending} onChange={setSending} />
        {saving.isError && <ErrorState error={saving.error} compact safe={t("edit.kept")} />}
        <div className={classes.actions}>
          <Button type="submit" loading={saving.isPending}>
            {t("edit.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
