import { Button, NumberInput, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Facts, Note } from "@/ui/facts";
import { formatDay } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import type { LegalEntity } from "./finance";
import classes from "./finance.module.css";
import { SellerDialog } from "./seller_dialog";

/** Who sells: what stands at the head of every document. */
export function SellersPart() {
  const { data, error, refetch } = api.useQuery("get", "/v1/legal-entities");
  if (data === undefined && error === null) return <PageSkeleton />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className={classes.stack}>
      {data.map((entity) => (
        <Seller key={entity.code} entity={entity} />
      ))}
    </div>
  );
}

function Seller({ entity }: { entity: LegalEntity }) {
  const { t, i18n } = useTranslation("finance");
  const [asked, setAsked] = useState<"edit" | "rate" | null>(null);
  const percent = (permille: number) => `${(permille / 10).toLocaleString(i18n.language)} %`;
  return (
    <Section
      title={entity.name}
      aside={
        <span className={classes.verbs}>
          <Button size="compact-sm" variant="default" onClick={() => setAsked("rate")}>
            {t("seller.add_rate")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setAsked("edit")}>
            {t("seller.edit")}
          </Button>
        </span>
      }
    >
      <div className={classes.stack}>
        {entity.is_specimen && (
          <Note tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
            {t("seller.specimen")}
          </Note>
        )}
        <div className={classes.two}>
          <Facts
            facts={[
              {
                label: t("terms.address"),
                value: [
                  ...entity.address_lines,
                  `${entity.postal_code} ${entity.city}`,
                  entity.country,
                ]
                  .filter((line) => line.trim() !== "")
                  .join(", "),
              },
              { label: t("terms.vat_id"), value: entity.vat_id },
              { label: t("seller.registration"), value: entity.registration },
              { label: t("terms.email"), value: entity.email },
              { label: t("seller.time_zone"), value: entity.time_zone },
            ]}
          />
          <Facts
            facts={[
              { label: t("prices.currency"), value: entity.currency },
              { label: t("seller.tax_point"), value: t(`tax_point.${entity.tax_point}`) },
              {
                label: t("seller.numbers"),
                value: (
                  <span className="mono">
                    {entity.invoice_prefix} {entity.receipt_prefix} {entity.credit_note_prefix}
                  </span>
                ),
              },
              {
                label: t("seller.payment_days"),
                value: t("report.days", { count: entity.payment_days }),
              },
              {
                label: t("seller.bank"),
                value: [entity.bank_name, entity.iban, entity.bic].filter(Boolean).join(" · "),
              },
              ...(entity.rates ?? []).map(({ effective_from, rate_permille }) => ({
                label: t("seller.rate_from", {
                  day: formatDay(new Date(effective_from), i18n.language),
                }),
                value: percent(rate_permille),
              })),
            ]}
          />
        </div>
      </div>
      {asked === "edit" && <SellerDialog entity={entity} onClose={() => setAsked(null)} />}
      {asked === "rate" && <RateDialog entity={entity} onClose={() => setAsked(null)} />}
    </Section>
  );
}

const RATE_PERCENT_MAX = 50;

function RateDialog({ entity, onClose }: { entity: LegalEntity; onClose: () => void }) {
  const { t } = useTranslation("finance");
  const [from, setFrom] = useState("");
  const [percent, setPercent] = useState<number | string>("");
  const refresh = useRefresh();
  const adding = useIntent(
    (body: { effective_from: string; rate_permille: number }, headers) =>
      client.POST("/v1/legal-entities/{legal_entity}/vat-rates", {
        params: { path: { legal_entity: entity.code } },
        body,
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh("/v1/legal-entities");
        onClose();
      },
    },
  );
  return (
    <Dialog title={t("seller.add_rate")} onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate({
            effective_from: from,
            rate_permille: Math.round(Number(percent) * 10),
          });
        }}
      >
        <p>{t("seller.rate_text")}</p>
        <div className={classes.pair}>
          <TextInput
            label={t("prices.from")}
            type="date"
            value={from}
            required
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <NumberInput
            label={t("seller.rate")}
            min={0}
            max={RATE_PERCENT_MAX}
            decimalScale={1}
            suffix=" %"
            hideControls
            value={percent}
            onChange={setPercent}
          />
        </div>
        {adding.isError && <ErrorState error={adding.error} compact />}
        <div className={classes.actions}>
          <Button type="submit" loading={adding.isPending} disabled={from === "" || percent === ""}>
            {t("seller.add_rate")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
