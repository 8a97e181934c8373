import { NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ReasonDialog } from "@/ui/reason_dialog";

const SOURCES = ["recipient", "carrier", "authority", "other"] as const;
const REFERENCE_CHARACTERS_MAX = 120;
const COUNT_MAX = 1_000_000;

type Props = { tenantId: string; onClose: () => void };

/** What was said against a company; told twice under one reference it counts once. */
export function ComplaintDialog({ tenantId, onClose }: Props) {
  const { t } = useTranslation("matters");
  const refresh = useRefresh();
  const [source, setSource] = useState<(typeof SOURCES)[number]>("recipient");
  const [reference, setReference] = useState("");
  const [count, setCount] = useState(1);
  const tell = useIntent(
    async (note: string, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/complaints", {
          params: { path: { tenant_id: tenantId } },
          body: { source, reference: reference.trim(), count, note },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants/{tenant_id}/trust", "/v1/tenants/{tenant_id}/complaints");
        onClose();
      },
    },
  );
  return (
    <ReasonDialog
      title={t("complaint.title")}
      text={t("complaint.text")}
      label={t("complaint.note")}
      confirm={t("complaint.verb")}
      pending={tell.isPending}
      error={tell.error}
      onClose={onClose}
      onConfirm={(note) => reference.trim() !== "" && tell.mutate(note)}
      extra={
        <>
          <Select
            mb="sm"
            label={t("complaint.source")}
            allowDeselect={false}
            value={source}
            data={SOURCES.map((value) => ({ value, label: t(`source.${value}`) }))}
            onChange={(value) => setSource(SOURCES.find((one) => one === value) ?? "other")}
          />
          <TextInput
            mb="sm"
            label={t("complaint.reference")}
            description={t("complaint.reference_text")}
            maxLength={REFERENCE_CHARACTERS_MAX}
            required
            value={reference}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <NumberInput
            mb="sm"
            label={t("complaint.count")}
            min={1}
            max={COUNT_MAX}
            allowDecimal={false}
            value={count}
            onChange={(value) => typeof value === "number" && setCount(value)}
          />
        </>
      }
    />
  );
}
