import { ActionIcon, Button } from "@mantine/core";
import { IconCreditCard, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import classes from "./auto_reload_page.module.css";
import type { Card } from "./billing";

const CARDS_MAX = 10;

/** "Visa •••• 4242" */
export function cardName({ brand, last4 }: Pick<Card, "brand" | "last4">): string {
  return `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${last4}`;
}

export function CardsSection({ cards }: { cards: readonly Card[] }) {
  const { t } = useTranslation("billing");
  const [leaving, setLeaving] = useState<Card | null>(null);
  const opening = useIntent(
    async (_: null, headers) => present(await client.POST("/v1/cards/setup", { headers })),
    { onSuccess: ({ url }) => window.location.assign(url) },
  );
  return (
    <Section title={t("cards.title")}>
      {cards.length === 0 ? (
        <p className={classes.quiet}>{t("cards.none")}</p>
      ) : (
        <ul className={classes.cards}>
          {cards.map((card) => (
            <CardLine key={card.id} card={card} onRemove={() => setLeaving(card)} />
          ))}
        </ul>
      )}
      {opening.isError && <ErrorState error={opening.error} compact />}
      <Button
        mt={cards.length === 0 ? 12 : 0}
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        loading={opening.isPending || opening.isSuccess}
        disabled={cards.length >= CARDS_MAX}
        title={cards.length >= CARDS_MAX ? t("cards.too_many") : undefined}
        onClick={() => opening.mutate(null)}
      >
        {t("cards.add")}
      </Button>
      {leaving !== null && <RemoveCard card={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

function CardLine({ card, onRemove }: { card: Card; onRemove: () => void }) {
  const { t } = useTranslation("billing");
  const name = cardName(card);
  const expiry = `${String(card.exp_month).padStart(2, "0")}/${card.exp_year}`;
  return (
    <li>
      <IconCreditCard size={20} aria-hidden />
      <div>
        <span className="tabular">{name}</span>
        <small className="tabular">{t("cards.expires", { expiry })}</small>
      </div>
      {card.is_expired && <StatusPill tone="bad">{t("cards.expired")}</StatusPill>}
      {card.reloads && !card.is_expired && (
        <StatusPill tone="accent">{t("cards.reloads")}</StatusPill>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("cards.remove_named", { name })}
        disabled={card.reloads}
        title={card.reloads ? t("cards.in_use") : undefined}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </li>
  );
}

function RemoveCard({ card, onClose }: { card: Card; onClose: () => void }) {
  const { t } = useTranslation("billing");
  const refresh = useRefresh();
  const removing = useIntent(
    async (id: string, headers) => {
      await client.DELETE("/v1/cards/{card_id}", { params: { path: { card_id: id } }, headers });
    },
    {
      onSuccess: async () => {
        await refresh("/v1/cards", "/v1/auto-reload");
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      danger
      onClose={onClose}
      onConfirm={() => removing.mutate(card.id)}
      title={t("cards.remove_title", { name: cardName(card) })}
      confirm={t("cards.remove")}
      pending={removing.isPending}
      error={removing.error}
    >
      {t("cards.remove_text")}
    </ConfirmDialog>
  );
}
