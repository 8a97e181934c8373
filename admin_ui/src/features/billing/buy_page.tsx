import { Button, Checkbox, NumberInput, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { Callout } from "@/ui/callout";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Delayed, ErrorState, NoPermission } from "@/ui/states";
import { type Packages, type Price, usePays } from "./billing";
import { BillingFrame } from "./billing_frame";
import classes from "./buy_page.module.css";
import { formatMoney } from "./money";
import { PackageCards } from "./package_cards";
import { PriceBreakdown } from "./price_breakdown";
import { TierTable } from "./tier_table";

const TYPING_PAUSE_MS = 250;
const USUAL_PACKAGE = 1;

export function BuyPage() {
  const { t } = useTranslation("billing");
  const pays = usePays();
  const { data, error, refetch } = api.useQuery("get", "/v1/credit-packages", {});
  if (!pays) return <NoPermission grantedBy={t("granted_by")} />;
  return (
    <BillingFrame>
      {data !== undefined && <Choice offer={data} />}
      {data === undefined && error === null && (
        <Delayed>
          <Skeleton height={320} radius="lg" />
        </Delayed>
      )}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </BillingFrame>
  );
}

/** A package or a free amount; the price is the server's, and is the one that will be paid. */
function Choice({ offer }: { offer: Packages }) {
  const { t, i18n } = useTranslation("billing");
  const usual = offer.packages[USUAL_PACKAGE] ?? offer.packages[0];
  const [typed, setTyped] = useState<number | string>(usual?.credits ?? "");
  const [savesCard, setSavesCard] = useState(false);
  const credits = Number(typed);
  const fits = credits >= offer.purchase_credits_min && credits <= offer.purchase_credits_max;
  const [asked] = useDebouncedValue(credits, TYPING_PAUSE_MS);
  const chosen = offer.packages.find((one) => one.credits === credits);
  const priced = api.useQuery(
    "get",
    "/v1/credit-price",
    { params: { query: { credits: asked } } },
    {
      enabled: fits && chosen === undefined && asked === credits,
      placeholderData: keepPreviousData,
    },
  );
  const price = chosen?.price ?? (fits ? priced.data?.price : undefined);
  const isCurrent = price !== undefined && price.credits === credits;
  const buying = useIntent(
    async (amount: number, headers) =>
      present(
        await client.POST("/v1/purchases", {
          body: { credits: amount, saves_card: savesCard },
          headers,
        }),
      ),
    {
      onSuccess: ({ checkout_url }) => {
        if (checkout_url !== null) window.location.assign(checkout_url);
      },
    },
  );
  const number = (value: number) => formatInteger(value, i18n.language);
  const limits = {
    min: number(offer.purchase_credits_min),
    max: number(offer.purchase_credits_max),
  };
  return (
    <div className={classes.columns}>
      <div className={classes.stack}>
        <PackageCards offer={offer} credits={credits} onChoose={setTyped} />
        <Section title={t("buy.other")}>
          <div className={classes.free}>
            <NumberInput
              className={classes.amount}
              label={t("buy.amount")}
              description={t("buy.limits", limits)}
              inputWrapperOrder={["label", "input", "description", "error"]}
              error={typed !== "" && !fits ? t("buy.outside", limits) : undefined}
              value={typed}
              onChange={setTyped}
              min={0}
              max={offer.purchase_credits_max}
              clampBehavior="none"
              step={500}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator={number(1_000).charAt(1)}
              suffix={` ${t("buy.credits")}`}
            />
            <TierTable offer={offer} credits={credits} onChoose={setTyped} />
          </div>
        </Section>
      </div>
      <Section title={t("buy.summary")} label={t("buy.summary")}>
        <div className={classes.summary} aria-busy={fits && !isCurrent}>
          {price === undefined ? (
            <p className={classes.quiet}>{fits ? t("buy.pricing") : t("buy.choose")}</p>
          ) : (
            <PriceBreakdown price={price} stale={!isCurrent} />
          )}
          {priced.error !== null && <ErrorState error={priced.error} compact />}
          <Checkbox
            label={t("buy.save_card")}
            description={t("buy.save_card_hint")}
            checked={savesCard}
            onChange={(event) => setSavesCard(event.currentTarget.checked)}
          />
          {offer.is_estimate && (
            <Callout
              tone="warn"
              title={t("buy.no_profile")}
              action={<Link to="/credits/profile">{t("buy.add_profile")}</Link>}
            >
              {t("buy.no_profile_text")}
            </Callout>
          )}
          {buying.isError && (
            <ErrorState error={buying.error} safe={t("buy.nothing_paid")} compact />
          )}
          <Button
            size="md"
            fullWidth
            loading={buying.isPending || buying.isSuccess}
            disabled={!isCurrent || offer.is_estimate}
            onClick={() => buying.mutate(credits)}
          >
            <PayWords price={isCurrent ? price : undefined} />
          </Button>
          <p className={classes.quiet}>{t("buy.where")}</p>
        </div>
      </Section>
    </div>
  );
}

function PayWords({ price }: { price: Price | undefined }) {
  const { t, i18n } = useTranslation("billing");
  if (price === undefined) return t("buy.pay");
  return t("buy.pay_amount", {
    amount: formatMoney(price.gross_minor, price.currency, i18n.language),
  });
}
