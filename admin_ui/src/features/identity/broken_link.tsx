import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";

/** A link without its secret: the mail program cut it, or somebody typed the address. */
export function BrokenLink() {
  const { t } = useTranslation("notices");
  return (
    <EntryFrame>
      <h1>{t("link.incomplete")}</h1>
      <p>{t("link.incomplete_text")}</p>
      <p className={classes.foot}>
        <Link to="/login">{t("forgot.back")}</Link>
      </p>
    </EntryFrame>
  );
}
