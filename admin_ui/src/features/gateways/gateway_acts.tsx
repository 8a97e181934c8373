import { Button, Checkbox } from "@mantine/core";
import { IconPencil, IconPlugConnected } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { ReasonDialog } from "@/ui/reason_dialog";
import { ErrorState } from "@/ui/states";
import { GatewayDialog } from "./gateway_dialog";
import { GATEWAYS, type Gateway } from "./gateways";
import classes from "./gateways.module.css";
import { SecretDialog } from "./secret_dialog";

type State = Gateway["state"];
const NEXT: Record<State, readonly State[]> = {
  active: ["draining", "disabled"],
  draining: ["active", "disabled"],
  disabled: ["active"],
};

export function GatewayActs({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation("gateways");
  const [asked, setAsked] = useState<State | null>(null);
  const [opened, setOpened] = useState<"edit" | "secret" | null>(null);
  return (
    <>
      <div className={classes.acts}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPencil size={15} aria-hidden />}
          onClick={() => setOpened("edit")}
        >
          {t("edit")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setOpened("secret")}>
          {t("new_secret")}
        </Button>
        {NEXT[gateway.state].map((state) => (
          <Button
            key={state}
            size="compact-sm"
            variant="default"
            data-tone={state === "disabled" ? "bad" : undefined}
            onClick={() => setAsked(state)}
          >
            {t(`act.${state}`)}
          </Button>
        ))}
      </div>
      <Test gateway={gateway} />
      {asked !== null && (
        <StateDialog gateway={gateway} state={asked} onClose={() => setAsked(null)} />
      )}
      {opened === "edit" && <GatewayDialog gateway={gateway} onClose={() => setOpened(null)} />}
      {opened === "secret" && <SecretDialog gateway={gateway} onClose={() => setOpened(null)} />}
    </>
  );
}

type StateProps = { gateway: Gateway; state: State; onClose: () => void };

function StateDialog({ gateway, state, onClose }: StateProps) {
  const { t } = useTranslation("gateways");
  const refresh = useRefresh();
  const changing = useIntent(
    async (body: { state: State; reason: string; is_forced: boolean }, headers) =>
      present(
        await client.POST("/v1/gateways/{gateway_id}/state", {
          params: { path: { gateway_id: gateway.id } },
          body,
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(GATEWAYS);
        onClose();
      },
    },
  );
  // Said once: the second time it is meant.
  const isLast = changing.error?.code === "gateway_last_working";
  const name = gateway.name;
  return (
    <ReasonDialog
      title={t(`act.${state}_title`, { name })}
      text={isLast ? t("act.last_text") : t(`act.${state}_text`)}
      label={t("reason")}
      example={t("reason_example")}
      confirm={isLast ? t("act.anyway") : t(`act.${state}`)}
      danger={state !== "active"}
      pending={changing.isPending}
      error={isLast ? null : changing.error}
      onClose={onClose}
      onConfirm={(reason) => changing.mutate({ state, reason, is_forced: isLast })}
    />
  );
}

function Test({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation("gateways");
  const [sends, setSends] = useState(false);
  const testing = useIntent(async (sends_message: boolean, headers) =>
    present(
      await client.POST("/v1/gateways/{gateway_id}/test", {
        params: { path: { gateway_id: gateway.id } },
        body: { sends_message },
        headers,
      }),
    ),
  );
  const { data } = testing;
  return (
    <div className={classes.panel}>
      <div className={classes.acts}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlugConnected size={15} aria-hidden />}
          loading={testing.isPending}
          onClick={() => testing.mutate(sends)}
        >
          {t("test.verb")}
        </Button>
        <Checkbox
          label={t("test.sends")}
          checked={sends}
          onChange={(event) => setSends(event.currentTarget.checked)}
        />
      </div>
      {testing.isError && <ErrorState error={testing.error} compact />}
      {data !== undefined && (
        <Callout tone={data.is_connected ? "ok" : "bad"} live>
          {data.is_connected
            ? t("test.connected", { ms: data.took_ms })
            : t("test.failed", { error: data.error || t("test.silent") })}{" "}
          {data.is_message_queued && t("test.queued")}
        </Callout>
      )}
    </div>
  );
}
