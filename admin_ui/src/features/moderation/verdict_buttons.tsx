import { Button } from "@mantine/core";
import { type MouseEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "@/ui/kbd";
import classes from "./decision_bar.module.css";
import type { Verdict } from "./queries";

type Props = {
  /** A flagged case is approved by two presses; both stand at one place. */
  asksTwice: boolean;
  armed: boolean;
  deciding: Verdict | null;
  onRule: (verdict: Verdict) => void;
};

export function VerdictButtons({ asksTwice, armed, deciding, onRule }: Props) {
  const { t } = useTranslation();
  const began = useRef(false);
  // The second half of a double click was meant for what stood here before: "Claim", or the
  // decision on the last case.
  const press = (verdict: Verdict) => (event: MouseEvent) => {
    if (event.detail > 1 && !began.current) return;
    began.current = true;
    onRule(verdict);
  };
  return (
    <div className={classes.verdicts}>
      <Button
        data-tone="ok"
        aria-keyshortcuts="a"
        rightSection={<Kbd keys="a" />}
        loading={deciding === "approve"}
        onClick={press("approve")}
      >
        <span className={classes.either}>
          <span data-shown={!armed}>{t("desk_page.approve")}</span>
          {asksTwice && <span data-shown={armed}>{t("desk_page.approve_again")}</span>}
        </span>
      </Button>
      <Button
        variant="default"
        aria-keyshortcuts="c"
        rightSection={<Kbd keys="c" />}
        loading={deciding === "request_changes"}
        onClick={press("request_changes")}
      >
        {t("desk_page.ask_changes")}
      </Button>
      <Button
        variant="default"
        data-tone="bad"
        aria-keyshortcuts="r"
        rightSection={<Kbd keys="r" />}
        loading={deciding === "refuse"}
        onClick={press("refuse")}
      >
        {t("desk_page.refuse")}
      </Button>
    </div>
  );
}
