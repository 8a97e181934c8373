import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { MessageBubble, piecesOf } from "@/ui/phone_preview";
import { useShortcuts } from "@/ui/shortcuts";
import { Tag } from "@/ui/status_pill";
import classes from "./case_pane.module.css";
import type { Rendering } from "./queries";
import { ruleName } from "./rule_names";

const SHOWN = 3;

/** Real texts of the dry run, chosen for what makes them worth reading. */
export function Samples({ renderings }: { renderings: readonly Rendering[] }) {
  const { t, i18n } = useTranslation();
  const [first, setFirst] = useState(0);
  const last = Math.max(0, renderings.length - SHOWN);
  const move = (by: number) => setFirst(Math.max(0, Math.min(last, first + by)));
  useShortcuts([
    { keys: "[", label: t("desk_page.key.previous_samples"), run: () => move(-SHOWN) },
    { keys: "]", label: t("desk_page.key.next_samples"), run: () => move(SHOWN) },
  ]);
  return (
    <section aria-label={t("desk_page.samples")}>
      <div className={classes.samplesHead}>
        <h2>{t("desk_page.samples")}</h2>
        <span>
          {t("desk_page.samples_of", {
            shown: Math.min(SHOWN, renderings.length),
            count: renderings.length,
          })}
        </span>
        {renderings.length > SHOWN && (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("desk_page.key.previous_samples")}
              disabled={first === 0}
              onClick={() => move(-SHOWN)}
            >
              <Kbd keys="[" />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("desk_page.key.next_samples")}
              disabled={first === last}
              onClick={() => move(SHOWN)}
            >
              <Kbd keys="]" />
            </ActionIcon>
          </>
        )}
      </div>
      <div className={classes.samples}>
        {renderings.slice(first, first + SHOWN).map((rendering) => (
          <article key={`${rendering.why} ${rendering.text}`} className={classes.sample}>
            <header>
              <span>{rendering.country}</span>
              <Tag tone={toneOf(rendering.why)}>
                {i18n.exists(`sample.${rendering.why}`)
                  ? i18n.t(`sample.${rendering.why}` as "brand")
                  : rendering.why}
              </Tag>
            </header>
            {rendering.text === "" ? (
              <p>{t("desk_page.sample_erased")}</p>
            ) : (
              <MessageBubble pieces={piecesOf(rendering.text)} />
            )}
            <footer>
              <Tag tone={rendering.segments > 1 ? "warn" : "idle"}>
                {t("segments.count", {
                  count: rendering.segments,
                  amount: formatInteger(rendering.segments, i18n.language),
                })}
              </Tag>
              {rendering.encoding === "gsm7" ? "GSM-7" : "UCS-2"}
              {[...new Set((rendering.hits ?? []).map(({ rule }) => rule))].map((rule) => (
                <Tag key={rule} tone="bad">
                  {ruleName(rule, i18n)}
                </Tag>
              ))}
            </footer>
          </article>
        ))}
      </div>
    </section>
  );
}

function toneOf(why: string): "idle" | "warn" | "bad" {
  if (why.includes("empty") || why.includes("missing") || why.includes("hit")) return "bad";
  return why === "longest" || why === "most_expensive" ? "warn" : "idle";
}
