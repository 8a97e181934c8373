import { IconBattery3, IconChevronLeft, IconWifi } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./phone_preview.module.css";

/** A rendered text in pieces, as the API returns it: what came from a field, what is a link. */
export type TextPiece = { kind: "text" | "field" | "missing" | "link"; text: string };

const LINK = /\b(?:https?:\/\/)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/[^\s]*)?/gi;

/** For a plain string: links are shown as the handset will show them. */
export function piecesOf(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(/[.,;:!?)]+$/, "");
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) });
    pieces.push({ kind: "link", text: link });
    from = match.index + link.length;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

export function MessageBubble({ pieces }: { pieces: readonly TextPiece[] }) {
  const { t } = useTranslation();
  return (
    <p className={classes.bubble}>
      {pieces.map((piece, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity beside their place
          key={index}
          data-kind={piece.kind}
          title={piece.kind === "missing" ? t("preview.missing") : undefined}
        >
          {piece.text}
        </span>
      ))}
    </p>
  );
}

type Props = { sender: string; pieces: readonly TextPiece[]; clock?: string; caption?: string };

/** A handset with the message as the recipient sees it. Links are text: nobody opens them here. */
export function PhonePreview({ sender, pieces, clock = "9:41", caption }: Props) {
  const { t } = useTranslation();
  return (
    <figure className={classes.figure} aria-label={t("preview.label", { sender })}>
      <div className={classes.phone}>
        <div className={classes.status} aria-hidden>
          <span>{clock}</span>
          <span className={classes.island} />
          <span className={classes.radio}>
            <IconWifi size={13} />
            <IconBattery3 size={16} />
          </span>
        </div>
        <div className={classes.contact}>
          <IconChevronLeft size={18} aria-hidden />
          <span className={classes.avatar} aria-hidden>
            {sender.slice(0, 1)}
          </span>
          <strong>{sender}</strong>
        </div>
        <div className={classes.thread}>
          <span className={classes.when}>{t("preview.now")}</span>
          <MessageBubble pieces={pieces} />
        </div>
      </div>
      {caption !== undefined && <figcaption>{caption}</figcaption>}
    </figure>
  );
}
