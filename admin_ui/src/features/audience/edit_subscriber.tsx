import { Button } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ErrorState } from "@/ui/states";
import { SUBSCRIBERS, type Subscriber, useAttributes } from "./audience";
import classes from "./audience.module.css";
import { ConsentFields, PersonFields } from "./subscriber_fields";
import {
  attributesOf,
  consentOf,
  fieldsOf,
  personOf,
  type SubscriberFields,
} from "./subscriber_form";

/** The number stays: another number is another subscriber, with its own opt-outs. */
export function EditSubscriber({
  subscriber,
  onDone,
}: {
  subscriber: Subscriber;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const attributes = useAttributes();
  const before = fieldsOf(subscriber);
  const form = useForm<SubscriberFields>({ initialValues: before });
  const saving = useIntent(
    async (fields: SubscriberFields, headers) =>
      present(
        await client.PATCH("/v1/subscribers/{subscriber_id}", {
          params: { path: { subscriber_id: subscriber.id } },
          body: {
            version: subscriber.version,
            ...personOf(fields),
            attributes: attributesOf(fields, before, attributes),
            // Left out where nothing new was said: the old proof stays.
            consent: consentOf(fields),
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(SUBSCRIBERS);
        onDone();
      },
    },
  );

  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={form.onSubmit((fields) =>
        saving.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
      )}
    >
      <div className={classes.who}>
        <div>
          <strong>{subscriber.full_name ?? t("audience.no_name")}</strong>
          <span className="mono">{subscriber.phone}</span>
        </div>
      </div>
      <PersonFields form={form} attributes={attributes} />
      <ConsentFields
        form={form}
        hint={
          subscriber.consent_at === null ? t("audience.consent_hint") : t("audience.consent_keep")
        }
      />
      {saving.isError && (
        <ErrorState error={saving.error} safe={t("audience.nothing_saved")} compact />
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onDone}>
          {t("confirm.cancel")}
        </Button>
        <Button type="submit" loading={saving.isPending}>
          {t("audience.save")}
        </Button>
      </div>
    </form>
  );
}
