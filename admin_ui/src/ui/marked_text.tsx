import { Textarea, type TextareaProps } from "@mantine/core";
import type { ReactNode, RefObject } from "react";
import classes from "./marked_text.module.css";
import { cutAtSpans, type Span } from "./spans";

export type Mark = Span & { tone: "bad" | "warn" | "accent" | "info"; title?: string };

type MarksProps = { text: string; marks: readonly Mark[] };

function Marks({ text, marks }: MarksProps): ReactNode {
  return cutAtSpans(text, marks).map(({ text: piece, from, span }) =>
    span === null ? (
      <span key={from}>{piece}</span>
    ) : (
      <mark key={from} data-tone={span.tone} title={span.title}>
        {piece}
      </mark>
    ),
  );
}

/** A text that is only read, with the places somebody spoke about. */
export function MarkedText({ text, marks }: MarksProps) {
  return (
    <p className={classes.text}>
      <Marks text={text} marks={marks} />
    </p>
  );
}

type MarkedTextareaProps = TextareaProps & {
  value: string;
  marks: readonly Mark[];
  inputRef?: RefObject<HTMLTextAreaElement | null>;
};

/** Underlines places in a text that is being written: the same letters stand behind the field. */
export function MarkedTextarea({ value, marks, inputRef, ...props }: MarkedTextareaProps) {
  return (
    <Textarea
      {...props}
      value={value}
      ref={inputRef}
      autosize
      classNames={{ input: classes.input, wrapper: classes.wrapper }}
      leftSection={
        <span className={classes.behind}>
          <Marks text={value} marks={marks} />{" "}
        </span>
      }
      leftSectionProps={{ className: classes.section, "aria-hidden": true }}
    />
  );
}
