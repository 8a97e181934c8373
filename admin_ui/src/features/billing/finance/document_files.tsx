import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./finance.module.css";

/** The paper, and the same for another program. */
export function DocumentFiles({ id, number }: { id: string; number: string }) {
  const { t } = useTranslation("finance");
  return (
    <span className={classes.verbs}>
      {(["pdf", "xml"] as const).map((form) => (
        <Button
          key={form}
          component="a"
          href={`/v1/documents/${id}/document.${form}`}
          download
          size="compact-sm"
          variant="default"
          aria-label={t("invoice.download", { number, form: form.toUpperCase() })}
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          {form.toUpperCase()}
        </Button>
      ))}
    </span>
  );
}
