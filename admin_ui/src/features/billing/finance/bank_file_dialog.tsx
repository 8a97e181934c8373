import { Button, FileInput, Select, TextInput } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type BankFileOptions, uploadBankFile } from "@/api/finance_files";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";
import { ErrorState } from "@/ui/states";
import { type CsvFields, csvOptions, isCsv } from "./bank_options";
import classes from "./finance.module.css";

const FIELDS = ["booked_on", "amount", "counterparty", "remittance"] as const;
const NO_FIELDS: CsvFields = {
  account: "",
  booked_on: "",
  amount: "",
  counterparty: "",
  remittance: "",
  date_order: "iso",
  decimal: ".",
};

/** CAMT.053 says everything by itself; of a CSV file the columns have to be named. */
export function BankFileDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const [file, setFile] = useState<File | null>(null);
  const [fields, setFields] = useState(NO_FIELDS);
  const uploading = useIntent(
    (given: { file: File; options: BankFileOptions }, headers) => uploadBankFile(given, headers),
    { onSuccess: () => refresh("/v1/bank-lines", "/v1/bank-files", "/v1/finance") },
  );
  const asCsv = file !== null && isCsv(file.name);
  const options = asCsv ? csvOptions(fields) : { format: "camt053" as const };
  const set = (given: Partial<CsvFields>) => setFields((before) => ({ ...before, ...given }));
  const done = uploading.data;
  return (
    <Dialog onClose={onClose} title={t("matching.upload")}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null && options !== null) uploading.mutate({ file, options });
        }}
      >
        <FileInput
          label={t("bank_file.file")}
          description={t("bank_file.hint")}
          placeholder={t("bank_file.choose")}
          accept=".xml,.csv,text/csv,application/xml,text/xml"
          leftSection={<IconUpload size={16} aria-hidden />}
          value={file}
          onChange={setFile}
        />
        {asCsv && <CsvColumns fields={fields} onChange={set} />}
        {done !== undefined && (
          <Note tone="ok" icon={<IconUpload size={17} aria-hidden />}>
            <strong>{t("bank_file.done", { count: done.lines_new })}</strong>{" "}
            {t("bank_file.known", { total: done.lines_total, debits: done.debits })}
          </Note>
        )}
        {uploading.isError && (
          <ErrorState error={uploading.error} safe={t("bank_file.nothing")} compact />
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("close")}
          </Button>
          {done === undefined && (
            <Button
              type="submit"
              loading={uploading.isPending}
              disabled={file === null || options === null}
            >
              {t("bank_file.read")}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

type ColumnsProps = { fields: CsvFields; onChange: (given: Partial<CsvFields>) => void };

function CsvColumns({ fields, onChange }: ColumnsProps) {
  const { t } = useTranslation("finance");
  return (
    <>
      <TextInput
        label={t("bank_file.account")}
        maxLength={64}
        value={fields.account}
        onChange={(event) => onChange({ account: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        {FIELDS.map((field) => (
          <TextInput
            key={field}
            label={t(`bank_file.${field}`)}
            maxLength={200}
            value={fields[field]}
            onChange={(event) => onChange({ [field]: event.currentTarget.value })}
          />
        ))}
        <Select
          label={t("bank_file.date_order")}
          allowDeselect={false}
          value={fields.date_order}
          onChange={(value) => value !== null && onChange({ date_order: value })}
          data={(["iso", "dmy", "mdy"] as const).map((value) => ({
            value,
            label: t(`bank_file.${value}`),
          }))}
        />
        <Select
          label={t("bank_file.decimal")}
          allowDeselect={false}
          value={fields.decimal}
          onChange={(value) => value !== null && onChange({ decimal: value })}
          data={[
            { value: "." as const, label: "1,234.50" },
            { value: "," as const, label: "1.234,50" },
          ]}
        />
      </div>
    </>
  );
}
