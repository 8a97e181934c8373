import { Button, MultiSelect, TextInput } from "@mantine/core";
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
import { GROUPS, SUBSCRIBERS, type Subscriber, useAttributes, useGroupChoice } from "./audience";
import classes from "./audience.module.css";
import { ConsentFields, PersonFields } from "./subscriber_fields";
import {
  attributesOf,
  consentOf,
  EMPTY_FIELDS,
  personOf,
  type SubscriberFields,
} from "./subscriber_form";

type Props = { onClose: () => void; onDone: (subscriber: Subscriber) => void };

export function NewSubscriberDialog({ onClose, onDone }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const attributes = useAttributes();
  const groups = useGroupChoice();
  const form = useForm<SubscriberFields>({
    initialValues: EMPTY_FIELDS,
    validate: { phone: (phone) => (phone.trim() === "" ? t("audience.phone_needed") : null) },
  });
  const creating = useIntent(
    async (fields: SubscriberFields, headers) =>
      present(
        await client.POST("/v1/subscribers", {
          body: {
            ...personOf(fields),
            phone: fields.phone.trim(),
            default_country: fields.default_country,
            attributes: attributesOf(fields, EMPTY_FIELDS, attributes),
            consent: consentOf(fields) ?? null,
            group_ids: fields.group_ids,
          },
          headers,
        }),
      ),
    {
      onSuccess: async (subscriber) => {
        await refresh(SUBSCRIBERS, GROUPS);
        onDone(subscriber);
      },
    },
  );

  return (
    <Dialog onClose={onClose} title={t("audience.new")} size="lg">
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          creating.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <div className={classes.pair}>
          <TextInput
            label={t("audience.phone")}
            placeholder="+47 912 34 567"
            inputMode="tel"
            data-autofocus
            required
            {...form.getInputProps("phone")}
          />
          <CountrySelect
            label={t("audience.default_country")}
            placeholder={t("audience.default_country_hint")}
            {...form.getInputProps("default_country")}
          />
        </div>
        <PersonFields form={form} attributes={attributes} />
        <MultiSelect
          label={t("groups.title")}
          data={groups}
          searchable
          {...form.getInputProps("group_ids")}
        />
        <ConsentFields form={form} hint={t("audience.consent_hint")} />
        {creating.isError && <ErrorState error={creating.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={creating.isPending}>
            {t("audience.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
