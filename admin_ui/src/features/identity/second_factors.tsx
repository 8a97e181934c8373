import { Button } from "@mantine/core";
import { IconDeviceMobile, IconFingerprint, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Factor,
  type Factors,
  factorsQuery,
  useRemoveFactor,
  useRenewCodes,
} from "@/api/factors";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { Dialog } from "@/ui/dialog";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState } from "@/ui/states";
import { AddApp, AddPasskey, RecoveryCodes } from "./factor_forms";
import classes from "./factor_forms.module.css";
import { RenameFactor } from "./rename_factor";
import { usePasskeyObstacle } from "./use_passkey_obstacle";

type Open =
  | { is: "app" | "passkey" | "renew" }
  | { is: "codes"; codes: string[] }
  | { is: "rename" | "remove"; factor: Factor };

/** What one proves oneself with besides the password. */
export function SecondFactors() {
  const { t } = useTranslation("factor");
  const { data, error, refetch } = useQuery(factorsQuery);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  function showCodes(factors: Factors) {
    const codes = factors.recovery_codes;
    setOpen(codes ? { is: "codes", codes } : null);
  }
  return (
    <Section title={t("title")}>
      {error !== null && <ErrorState error={error} compact onRetry={() => void refetch()} />}
      {data !== undefined && <Standing factors={data} onOpen={setOpen} />}
      {open?.is === "app" && (
        <Dialog title={t("app.title")} onClose={close}>
          <AddApp onAdded={showCodes} />
        </Dialog>
      )}
      {open?.is === "passkey" && (
        <Dialog title={t("passkey.title")} onClose={close}>
          <AddPasskey onAdded={showCodes} />
        </Dialog>
      )}
      {open?.is === "codes" && (
        <Dialog title={t("codes.title")} onClose={close} closeOnClickOutside={false}>
          <RecoveryCodes codes={open.codes} onKept={close} />
        </Dialog>
      )}
      {open?.is === "renew" && <RenewDialog onClose={close} onMade={showCodes} />}
      {open?.is === "rename" && <RenameFactor factor={open.factor} onClose={close} />}
      {open?.is === "remove" && data !== undefined && (
        <RemoveDialog factor={open.factor} isLast={data.factors.length === 1} onClose={close} />
      )}
    </Section>
  );
}

function Standing({ factors, onOpen }: { factors: Factors; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("factor");
  const obstacle = usePasskeyObstacle(factors);
  if (!factors.is_changeable) return <p>{t("list.demo")}</p>;
  const isLastOfStaff = factors.is_required && factors.factors.length === 1;
  return (
    <div className={classes.form}>
      {factors.factors.length === 0 && <p>{t("list.none")}</p>}
      <ul className={classes.factors}>
        {factors.factors.map((factor) => (
          <li key={factor.id}>
            {factor.kind === "totp" ? (
              <IconDeviceMobile size={20} aria-hidden />
            ) : (
              <IconFingerprint size={20} aria-hidden />
            )}
            <span>
              <strong>{factor.name}</strong>
              <small>
                {t(`list.${factor.kind}`)} · {t("list.added")}{" "}
                <RelativeTime at={factor.created_at} /> ·{" "}
                {factor.last_used_at === null ? (
                  t("list.never")
                ) : (
                  <>
                    {t("list.used")} <RelativeTime at={factor.last_used_at} />
                  </>
                )}
              </small>
            </span>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={t("list.rename_name", { name: factor.name })}
              onClick={() => onOpen({ is: "rename", factor })}
            >
              {t("list.rename")}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              data-tone="bad"
              disabled={isLastOfStaff}
              title={isLastOfStaff ? t("list.last_staff") : undefined}
              aria-label={t("list.remove_name", { name: factor.name })}
              onClick={() => onOpen({ is: "remove", factor })}
            >
              {t("list.remove")}
            </Button>
          </li>
        ))}
      </ul>
      {factors.factors.length > 0 && (
        <p>
          {t("codes.title")}: {t("codes.left", { count: factors.recovery_codes_left })}
        </p>
      )}
      {obstacle !== null && <p>{obstacle}</p>}
      <div className={classes.actions}>
        {factors.factors.length > 0 && (
          <Button variant="default" onClick={() => onOpen({ is: "renew" })}>
            {t("codes.renew")}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => onOpen({ is: "app" })}
        >
          {t("list.add_app")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={obstacle !== null}
          onClick={() => onOpen({ is: "passkey" })}
        >
          {t("list.add_passkey")}
        </Button>
      </div>
    </div>
  );
}

type RemoveProps = { factor: Factor; isLast: boolean; onClose: () => void };

function RemoveDialog({ factor, isLast, onClose }: RemoveProps) {
  const { t } = useTranslation("factor");
  const removing = useRemoveFactor(onClose);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => removing.mutate(factor.id)}
      title={t("list.remove_title", { name: factor.name })}
      confirm={t("list.remove")}
      danger
      pending={removing.isPending}
      error={removing.error}
    >
      <p>{t("list.remove_text")}</p>
      {isLast && <p>{t("list.remove_last")}</p>}
    </ConfirmDialog>
  );
}

function RenewDialog({ onClose, onMade }: { onClose: () => void; onMade: (f: Factors) => void }) {
  const { t } = useTranslation("factor");
  const renewing = useRenewCodes(onMade);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => renewing.mutate(null)}
      title={t("codes.renew_title")}
      confirm={t("codes.renew")}
      pending={renewing.isPending}
      error={renewing.error}
    >
      <p>{t("codes.renew_text")}</p>
    </ConfirmDialog>
  );
}
