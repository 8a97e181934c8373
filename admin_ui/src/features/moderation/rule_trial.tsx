import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MarkedText } from "@/ui/marked_text";
import { Section } from "@/ui/page_header";
import { utf16Index } from "@/ui/spans";
import { ErrorState } from "@/ui/states";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./lead_pages.module.css";
import { useTryText } from "./rule_writes";

const TEXT_CHARACTERS_MAX = 2_000;

/** A text put before these rules, without anybody being asked or told. */
export function TryText({ version }: { version: number }) {
  const { t } = useTranslation("rules");
  const [text, setText] = useState("");
  const trial = useTryText(version);
  return (
    <Section title={t("try.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") trial.mutate({ text, sender: "" });
        }}
      >
        <Textarea
          autosize
          minRows={2}
          aria-label={t("try.text")}
          placeholder={t("try.text")}
          maxLength={TEXT_CHARACTERS_MAX}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          mt="xs"
          type="submit"
          variant="default"
          loading={trial.isPending}
          disabled={text.trim() === ""}
        >
          {t("try.verb")}
        </Button>
      </form>
      {trial.isError && <ErrorState compact error={trial.error} />}
      {trial.isSuccess && (
        <div className={classes.under} role="status">
          <strong>{t("try.score", { score: trial.data.score })}</strong>
          {trial.data.hits.length === 0 && <StatusPill tone="ok">{t("try.clean")}</StatusPill>}
          <ul className={classes.versions}>
            {trial.data.hits.map((hit) => {
              const [start, end] = hit.span ?? [];
              const marks =
                start === undefined || end === undefined
                  ? []
                  : [
                      {
                        from: utf16Index(hit.text, start),
                        to: utf16Index(hit.text, end),
                        tone: "warn" as const,
                      },
                    ];
              return (
                <li key={`${hit.rule} ${hit.matched}`}>
                  <strong className="mono">{hit.rule}</strong>
                  <span>
                    {hit.message} {marks.length > 0 && <MarkedText text={hit.text} marks={marks} />}
                  </span>
                  <Tag>{t(`severity.${hit.severity}`)}</Tag>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </Section>
  );
}
