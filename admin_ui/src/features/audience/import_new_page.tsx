import { Button, Tabs, Textarea } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import "@mantine/dropzone/styles.css";
import { IconClipboardText, IconFileUpload, IconUpload } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { uploadImport } from "@/api/imports";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountrySelect } from "@/ui/country_select";
import { PageHeader, Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { IMPORTS } from "./audience";
import classes from "./audience.module.css";
import { ImportSteps } from "./import_state";
import importClasses from "./imports.module.css";

const FILE_BYTES_MAX = 100 * 1024 * 1024;
const FILE_TYPES = {
  "text/csv": [".csv"],
  "text/plain": [".txt"],
  "text/tab-separated-values": [".tsv"],
};
const PASTED_FILE_NAME = "pasted.csv";

/** The file only: everything else is asked once its columns are known. */
export function ImportNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [country, setCountry] = useState<string | null>(null);
  const [pasted, setPasted] = useState("");
  const uploading = useIntent(
    ({ file }: { file: File; of: string }, headers) =>
      uploadImport({ file, options: { default_country: country } }, headers),
    {
      onSuccess: async ({ id }) => {
        void refresh(IMPORTS);
        await navigate({ to: "/imports/$importId", params: { importId: id } });
      },
    },
  );
  // A File says nothing of itself as JSON: the intent is known by what distinguishes files.
  const upload = (file: File) =>
    uploading.mutate({ file, of: `${file.name} ${file.size} ${file.lastModified} ${country}` });

  return (
    <div className={classes.narrow}>
      <PageHeader
        title={t("imports.new")}
        trail={[
          <Link key="imports" to="/imports">
            {t("imports.title")}
          </Link>,
          t("imports.new"),
        ]}
      >
        <ImportSteps at="file" />
      </PageHeader>
      <Section>
        <div className={classes.stack}>
          <CountrySelect
            label={t("imports.default_country")}
            description={t("imports.default_country_hint")}
            placeholder={t("imports.default_country_none")}
            value={country}
            onChange={setCountry}
            maw={420}
          />
          <Tabs defaultValue="file">
            <Tabs.List mb="md">
              <Tabs.Tab value="file" leftSection={<IconFileUpload size={16} aria-hidden />}>
                {t("imports.from_file")}
              </Tabs.Tab>
              <Tabs.Tab value="paste" leftSection={<IconClipboardText size={16} aria-hidden />}>
                {t("imports.from_clipboard")}
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="file">
              <FileDrop loading={uploading.isPending} onFile={upload} />
            </Tabs.Panel>
            <Tabs.Panel value="paste">
              <div className={classes.form}>
                <Textarea
                  label={t("imports.paste")}
                  description={t("imports.paste_hint")}
                  placeholder={"phone,first name\n+4791234567,Ingrid"}
                  rows={9}
                  classNames={{ input: "mono" }}
                  value={pasted}
                  onChange={(event) => setPasted(event.currentTarget.value)}
                />
                <div className={classes.actions}>
                  <Button
                    disabled={pasted.trim() === ""}
                    loading={uploading.isPending}
                    onClick={() =>
                      upload(new File([pasted], PASTED_FILE_NAME, { type: "text/csv" }))
                    }
                  >
                    {t("imports.read_it")}
                  </Button>
                </div>
              </div>
            </Tabs.Panel>
          </Tabs>
          {uploading.isError && (
            <ErrorState error={uploading.error} safe={t("imports.nothing_uploaded")} compact />
          )}
        </div>
      </Section>
    </div>
  );
}

type DropProps = { loading: boolean; onFile: (file: File) => void };

function FileDrop({ loading, onFile }: DropProps) {
  const { t } = useTranslation();
  const [rejected, setRejected] = useState(false);
  return (
    <>
      <Dropzone
        unstyled
        className={importClasses.drop}
        multiple={false}
        maxSize={FILE_BYTES_MAX}
        accept={FILE_TYPES}
        loading={loading}
        inputProps={{ "aria-label": t("imports.choose_file") }}
        onReject={() => setRejected(true)}
        onDrop={([file]) => {
          setRejected(false);
          if (file !== undefined) onFile(file);
        }}
      >
        <div>
          <span className={importClasses.dropIcon}>
            <IconUpload size={24} aria-hidden />
          </span>
          <strong>{loading ? t("imports.uploading") : t("imports.drop")}</strong>
          <span>{t("imports.drop_hint")}</span>
        </div>
      </Dropzone>
      <div role="status">{rejected && <p>{t("imports.rejected")}</p>}</div>
    </>
  );
}
