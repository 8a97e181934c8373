import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { MarkedTextarea } from "@/ui/marked_text";
import { SegmentCounter } from "@/ui/segment_counter";
import { countSegments, toGsm7 } from "@/ui/segments";

export type Content = { header: string; body: string; footer: string };

const BODY_CHARACTERS_MAX = 1_600;

export function wholeText({ header, body, footer }: Content): string {
  const below = body !== "" && footer !== "" ? `${body} ${footer}` : body || footer;
  return header !== "" && below !== "" ? `${header}\n${below}` : header || below;
}

type Props = {
  content: Content;
  onChange: (content: Content) => void;
  errors?: Record<string, string>;
};

export function ContentFields({ content, onChange, errors = {} }: Props) {
  const { t } = useTranslation();
  const marks = countSegments(content.body).offenders.map(({ character, at, replacement }) => ({
    from: at,
    to: at + character.length,
    tone: "warn" as const,
    title: replacement ?? undefined,
  }));
  const whole = wholeText(content);
  return (
    <>
      <Textarea
        mb="sm"
        label={t("composer.header")}
        autosize
        value={content.header}
        error={errors["content.header"] ?? errors.header}
        onChange={(event) => onChange({ ...content, header: event.currentTarget.value })}
      />
      <MarkedTextarea
        label={t("composer.body")}
        description={t("templates.body_hint")}
        placeholder={t("composer.body_example")}
        minRows={4}
        maxLength={BODY_CHARACTERS_MAX}
        value={content.body}
        marks={marks}
        error={errors["content.body"] ?? errors.body}
        onChange={(event) => onChange({ ...content, body: event.currentTarget.value })}
      />
      <Textarea
        my="sm"
        label={t("composer.footer")}
        autosize
        value={content.footer}
        error={errors["content.footer"] ?? errors.footer}
        onChange={(event) => onChange({ ...content, footer: event.currentTarget.value })}
      />
      <SegmentCounter
        text={whole}
        about={/[[{]/.test(whole)}
        onReplace={() =>
          onChange({
            header: toGsm7(content.header),
            body: toGsm7(content.body),
            footer: toGsm7(content.footer),
          })
        }
      />
    </>
  );
}
