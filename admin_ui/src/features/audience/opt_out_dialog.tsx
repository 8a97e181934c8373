import { Button, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountrySelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { OPT_OUTS, SUBSCRIBERS } from "./audience";
import classes from "./audience.module.css";

/** `phone` is given where the person is known; else it is asked for. */
type Props = { phone?: string; onClose: () => void };

type Fields = { phone: string; default_country: string | null; evidence: string };

/** There is no way back from here but the person's own START, and the dialog says so. */
export function OptOutDialog({ phone, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { phone: phone ?? "", default_country: null, evidence: "" },
    validate: {
      phone: (value) => (value.trim() === "" ? t("audience.phone_needed") : null),
      evidence: (value) => (value.trim() === "" ? t("opt_outs.evidence_needed") : null),
    },
  });
  const recording = useIntent(
    async ({ phone: number, default_country, evidence }: Fields, headers) =>
      present(
        await client.POST("/v1/opt-outs", {
          // Every sender of the tenant: who says stop at the counter means all of them.
          body: { phone: number.trim(), default_country, sender: "", evidence: evidence.trim() },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(SUBSCRIBERS, OPT_OUTS);
        onClose();
      },
    },
  );
  return (
    <Dialog onClose={onClose} title={t("opt_outs.record")}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          recording.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <p style={{ margin: 0 }}>
          {phone !== undefined && (
            <>
              <strong className="mono">{phone}</strong>.{" "}
            </>
          )}
          {t("opt_outs.record_text")}
        </p>
        {phone === undefined && (
          <div className={classes.pair}>
            <TextInput
              label={t("audience.phone")}
              placeholder="+47 912 34 567"
              inputMode="tel"
              data-autofocus
              {...form.getInputProps("phone")}
            />
            <CountrySelect
              label={t("audience.default_country")}
              placeholder={t("audience.default_country_hint")}
              {...form.getInputProps("default_country")}
            />
          </div>
        )}
        <Textarea
          label={t("opt_outs.evidence")}
          placeholder={t("opt_outs.evidence_example")}
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus={phone !== undefined || undefined}
          {...form.getInputProps("evidence")}
        />
        {recording.isError && <ErrorState error={recording.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" data-tone="bad" loading={recording.isPending}>
            {t("opt_outs.record")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
