import { VisuallyHidden } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type DiffPiece, diffWords } from "./diff";
import classes from "./diff_view.module.css";

type Side = { label: string; text: string };

/** Two versions side by side; struck through and underlined, so colour is not needed to read it. */
export function DiffView({ before, after }: { before: Side; after: Side }) {
  const pieces = useMemo(() => diffWords(before.text, after.text), [before.text, after.text]);
  return (
    <div className={classes.diff}>
      <DiffSide label={before.label} pieces={pieces} hidden="added" />
      <DiffSide label={after.label} pieces={pieces} hidden="removed" />
    </div>
  );
}

type DiffSideProps = { label: string; pieces: DiffPiece[]; hidden: "added" | "removed" };

function DiffSide({ label, pieces, hidden }: DiffSideProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.side}>
      <h3 className={classes.label}>{label}</h3>
      <p className={classes.text}>
        {pieces.map((piece, index) => {
          // biome-ignore-start lint/suspicious/noArrayIndexKey: pieces are made anew for each pair
          if (piece.kind === hidden) return null;
          if (piece.kind === "same") return <span key={index}>{piece.text}</span>;
          const Mark = piece.kind === "removed" ? "del" : "ins";
          return (
            <Mark key={index}>
              <VisuallyHidden>{t(`diff.${piece.kind}`)} </VisuallyHidden>
              {piece.text}
            </Mark>
          );
          // biome-ignore-end lint/suspicious/noArrayIndexKey: pieces are made anew for each pair
        })}
      </p>
    </div>
  );
}
