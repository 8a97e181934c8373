import { Skeleton } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Avatar } from "@/ui/avatar";
import { countryName } from "@/ui/countries";
import { SidePanel } from "@/ui/dialog";
import { Facts, Note } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative_time";
import { Delayed, ErrorState } from "@/ui/states";
import { type Attribute, type Subscriber, useAttributes, useAudienceRights } from "./audience";
import classes from "./audience.module.css";
import { EditSubscriber } from "./edit_subscriber";
import { SubscriberGroups } from "./subscriber_groups";
import { SubscriberState } from "./subscriber_marks";
import { SubscriberVerbs } from "./subscriber_verbs";

type Props = { id: string | undefined; onClose: () => void };

/** The person beside the list they came from; its id is in the address, so it can be shared. */
export function SubscriberDrawer({ id, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <SidePanel opened={id !== undefined} onClose={onClose} title={t("audience.subscriber")}>
      {id !== undefined && <Opened key={id} id={id} onClose={onClose} />}
    </SidePanel>
  );
}

function Opened({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = api.useQuery("get", "/v1/subscribers/{subscriber_id}", {
    params: { path: { subscriber_id: id } },
  });
  const [editing, setEditing] = useState(false);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <Delayed>
        <Skeleton height={44} mb={20} />
        <Skeleton height={180} />
      </Delayed>
    );
  }
  if (editing) return <EditSubscriber subscriber={data} onDone={() => setEditing(false)} />;
  return <Shown subscriber={data} onEdit={() => setEditing(true)} onClose={onClose} />;
}

type ShownProps = { subscriber: Subscriber; onEdit: () => void; onClose: () => void };

function Shown({ subscriber, onEdit, onClose }: ShownProps) {
  const { t } = useTranslation();
  const rights = useAudienceRights();
  const attributes = useAttributes();
  return (
    <div className={classes.drawer}>
      <div className={classes.who}>
        <Avatar name={subscriber.full_name ?? "#"} />
        <div>
          <strong>{subscriber.full_name ?? t("audience.no_name")}</strong>
          <span className="mono">{subscriber.phone}</span>
        </div>
        <span style={{ marginLeft: "auto" }}>
          <SubscriberState of={subscriber} />
        </span>
      </div>
      {subscriber.is_opted_out && (
        <Note tone="bad" icon={<IconBan size={17} aria-hidden />}>
          {t("audience.opted_out_text")}
        </Note>
      )}
      <SubscriberVerbs subscriber={subscriber} onEdit={onEdit} onErased={onClose} />
      <section>
        <h3>{t("audience.person")}</h3>
        <PersonFacts subscriber={subscriber} />
      </section>
      {attributes.length > 0 && (
        <section>
          <h3>{t("audience.attributes")}</h3>
          <AttributeFacts subscriber={subscriber} attributes={attributes} />
        </section>
      )}
      <section>
        <h3>{t("groups.title")}</h3>
        <SubscriberGroups subscriber={subscriber} rights={rights} />
      </section>
      <section>
        <h3>{t("audience.consent")}</h3>
        {subscriber.consent_at === null ? (
          t("audience.no_consent_text")
        ) : (
          <Facts
            facts={[
              { label: t("audience.consent_source"), value: subscriber.consent_source },
              {
                label: t("audience.consent_at"),
                value: <RelativeTime at={subscriber.consent_at} />,
              },
            ]}
          />
        )}
      </section>
    </div>
  );
}

function PersonFacts({ subscriber }: { subscriber: Subscriber }) {
  const { t, i18n } = useTranslation();
  const { country } = subscriber;
  return (
    <Facts
      facts={[
        {
          label: t("audience.country"),
          value: country === null ? null : countryName(country, i18n.language),
        },
        { label: t("audience.email"), value: subscriber.email },
        { label: t("audience.external_id"), value: subscriber.external_id },
        { label: t("audience.language"), value: subscriber.language },
        { label: t("audience.time_zone"), value: subscriber.time_zone },
        { label: t("audience.added"), value: <RelativeTime at={subscriber.created_at} /> },
      ]}
    />
  );
}

type AttributeProps = { subscriber: Subscriber; attributes: readonly Attribute[] };

function AttributeFacts({ subscriber, attributes }: AttributeProps) {
  const { t } = useTranslation();
  function shown(value: unknown) {
    if (value === true) return t("audience.yes");
    if (value === false) return t("audience.no");
    return value === null || value === undefined ? null : String(value);
  }
  return (
    <Facts
      facts={attributes.map(({ name, label }) => ({
        label,
        value: shown(subscriber.attributes[name]),
      }))}
    />
  );
}
