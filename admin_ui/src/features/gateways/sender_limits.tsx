import { Button, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ReasonDialog } from "@/ui/reason_dialog";
import classes from "./gateways.module.css";

const LIMITS = "/v1/gateways/{gateway_id}/sender-limits";
const SENDER_CHARACTERS_MAX = 16;
const RATE_MAX = 1_000_000;
const RATE_USUAL = 1;

/** Senders the carrier allows less, or more, than the others. */
export function SenderLimits({ gatewayId }: { gatewayId: string }) {
  const { t } = useTranslation("gateways");
  const [asked, setAsked] = useState<string | null>(null);
  const { data = [] } = api.useQuery("get", LIMITS, {
    params: { path: { gateway_id: gatewayId } },
  });
  return (
    <div>
      <h3 className={classes.heading}>{t("sender_limits.title")}</h3>
      {data.length === 0 && <p>{t("sender_limits.none")}</p>}
      <ul className={classes.links} aria-label={t("sender_limits.title")}>
        {data.map((one) => (
          <li key={one.sender}>
            <span className="mono">{one.sender}</span>
            <span>{t("per_second", { limit: one.segments_per_second_max })}</span>
            <Button size="compact-xs" variant="default" onClick={() => setAsked(one.sender)}>
              {t("sender_limits.change")}
            </Button>
          </li>
        ))}
      </ul>
      <Button mt="xs" size="compact-sm" variant="default" onClick={() => setAsked("")}>
        {t("sender_limits.add")}
      </Button>
      {asked !== null && (
        <LimitSender gatewayId={gatewayId} known={asked} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

type Props = { gatewayId: string; known: string; onClose: () => void };

function LimitSender({ gatewayId, known, onClose }: Props) {
  const { t } = useTranslation("gateways");
  const refresh = useRefresh();
  const [sender, setSender] = useState(known);
  const [rate, setRate] = useState<number | null>(RATE_USUAL);
  const limit = useIntent(
    async (reason: string, headers) =>
      present(
        await client.PUT(LIMITS, {
          params: { path: { gateway_id: gatewayId } },
          body: { sender: sender.trim(), segments_per_second_max: rate, reason },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(LIMITS);
        onClose();
      },
    },
  );
  return (
    <ReasonDialog
      title={t("sender_limits.add")}
      text={t("sender_limits.text")}
      label={t("sender_limits.why")}
      confirm={t("sender_limits.save")}
      pending={limit.isPending}
      error={limit.error}
      onClose={onClose}
      onConfirm={(reason) => sender.trim() !== "" && limit.mutate(reason)}
      extra={
        <>
          <TextInput
            mb="sm"
            label={t("sender_limits.sender")}
            maxLength={SENDER_CHARACTERS_MAX}
            required
            disabled={known !== ""}
            value={sender}
            onChange={(event) => setSender(event.currentTarget.value)}
          />
          <NumberInput
            mb="sm"
            label={t("sender_limits.rate")}
            description={t("sender_limits.rate_text")}
            min={0.01}
            max={RATE_MAX}
            value={rate ?? ""}
            onChange={(value) => setRate(typeof value === "number" ? value : null)}
          />
        </>
      }
    />
  );
}
