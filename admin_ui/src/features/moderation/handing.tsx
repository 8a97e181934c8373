import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "@/ui/kbd";
import { ReasonDialog } from "@/ui/reason_dialog";
import { useShortcuts } from "@/ui/shortcuts";
import { useAskOpinion } from "./notes_writes";
import type { CaseKey, CaseView } from "./queries";
import { type HandedBack, useHandBack } from "./writes";

type Asked = "skip" | "escalate" | "opinion" | null;

type Props = {
  at: CaseKey;
  seen: CaseView;
  onClose: () => void;
  onDone: () => void;
  onNote: () => void;
};

/** What one does with a case that one holds and does not decide. */
export function Handing({ at, seen, onClose, onDone, onNote }: Props) {
  const { t } = useTranslation("moderation");
  const [asked, setAsked] = useState<Asked>(null);
  const hand = useHandBack((how: HandedBack) => (how === "release" ? onClose() : onDone()));
  const ask = useAskOpinion(at, () => setAsked(null));
  const { lease_fence } = seen;
  const isLeads = seen.lane === "lead_only";
  const release = () => hand.mutate({ how: "release", key: at, lease_fence, reason: "" });

  useShortcuts([
    { keys: "e", label: t("hand.escalate"), disabled: isLeads, run: () => setAsked("escalate") },
    { keys: "s", label: t("hand.skip"), run: () => setAsked("skip") },
    { keys: "o", label: t("hand.opinion"), run: () => setAsked("opinion") },
    { keys: "u", label: t("hand.release"), run: release },
  ]);

  const item = (key: string, label: string, run: () => void) => (
    <Menu.Item onClick={run} rightSection={<Kbd keys={key} />} aria-keyshortcuts={key}>
      {label}
    </Menu.Item>
  );
  return (
    <>
      {!isLeads && (
        <Button
          variant="default"
          aria-keyshortcuts="e"
          rightSection={<Kbd keys="e" />}
          onClick={() => setAsked("escalate")}
        >
          {t("hand.escalate")}
        </Button>
      )}
      <Button
        variant="default"
        aria-keyshortcuts="u"
        rightSection={<Kbd keys="u" />}
        loading={hand.isPending && hand.variables?.how === "release"}
        onClick={release}
      >
        {t("hand.release")}
      </Button>
      <Menu position="top-end" withinPortal>
        <Menu.Target>
          <Button variant="default" px={9} aria-label={t("hand.more")}>
            <IconDots size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {item("s", t("hand.skip"), () => setAsked("skip"))}
          {item("o", t("hand.opinion"), () => setAsked("opinion"))}
          <Menu.Item onClick={onNote}>{t("hand.note")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {(asked === "skip" || asked === "escalate") && (
        <ReasonDialog
          title={t(`hand.${asked}_title`)}
          text={t(`hand.${asked}_text`)}
          label={t("hand.why")}
          confirm={t(`hand.${asked}`)}
          pending={hand.isPending}
          error={hand.error}
          onClose={() => {
            setAsked(null);
            hand.reset();
          }}
          onConfirm={(reason) => hand.mutate({ how: asked, key: at, lease_fence, reason })}
        />
      )}
      {asked === "opinion" && (
        <ReasonDialog
          title={t("hand.opinion_title")}
          text={t("hand.opinion_text")}
          label={t("hand.question")}
          confirm={t("hand.ask")}
          pending={ask.isPending}
          error={ask.error}
          onClose={() => {
            setAsked(null);
            ask.reset();
          }}
          onConfirm={(question) => ask.mutate({ question, lease_fence })}
        />
      )}
    </>
  );
}
