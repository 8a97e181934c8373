import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Proof, useProof, type Way } from "@/api/factors";
import { hasPasskeys } from "@/api/passkeys";
import type { Session } from "@/api/session";
import { ErrorState } from "@/ui/states";
import classes from "./proof_form.module.css";

type Props = { ways: readonly Way[]; onProven: (session: Session) => void | Promise<void> };

/** One way at a time, the strongest first; the others a click away. */
export function ProofForm({ ways, onProven }: Props) {
  const { t } = useTranslation("factor");
  const usable = ways.filter((way) => way !== "passkey" || hasPasskeys());
  const [way, setWay] = useState<Way | undefined>(usable[0]);
  const proving = useProof({ onSuccess: onProven });
  if (way === undefined) return null;
  function choose(other: Way) {
    proving.reset();
    setWay(other);
  }
  return (
    <div className={classes.proof}>
      {way === "passkey" ? (
        <>
          <p>{t("proof.passkey_text")}</p>
          <Button
            size="md"
            fullWidth
            leftSection={<IconFingerprint size={18} aria-hidden />}
            loading={proving.isPending}
            onClick={() => proving.mutate({ way })}
            data-autofocus
          >
            {t("proof.passkey")}
          </Button>
        </>
      ) : (
        <Typed key={way} way={way} pending={proving.isPending} onGiven={(p) => proving.mutate(p)} />
      )}
      {proving.isError && <ErrorState error={proving.error} compact />}
      {usable.length > 1 && (
        <p className={classes.others}>
          {usable
            .filter((other) => other !== way)
            .map((other) => (
              <button key={other} type="button" onClick={() => choose(other)}>
                {t(`way.${other}`)}
              </button>
            ))}
        </p>
      )}
    </div>
  );
}

type TypedProps = {
  way: Exclude<Way, "passkey">;
  pending: boolean;
  onGiven: (proof: Proof) => void;
};

function Typed({ way, pending, onGiven }: TypedProps) {
  const { t } = useTranslation("factor");
  const [value, setValue] = useState("");
  const [missing, setMissing] = useState(false);
  const error = missing && value.trim() === "" ? t("proof.needed") : null;

  function submit(event: FormEvent) {
    event.preventDefault();
    // A dialog stands inside other pages' forms in React's tree, if not in the document's.
    event.stopPropagation();
    if (value.trim() === "") return setMissing(true);
    if (way === "password") return onGiven({ way, password: value });
    onGiven({ way, code: way === "totp" ? value.replaceAll(/\s/g, "") : value.trim() });
  }

  const shared = {
    value,
    error,
    onChange: (event: { currentTarget: { value: string } }) => setValue(event.currentTarget.value),
    "data-autofocus": true,
  };
  return (
    <form onSubmit={submit} noValidate>
      {way === "totp" && (
        <TextInput
          label={t("proof.code")}
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={7}
          {...shared}
        />
      )}
      {way === "recovery_code" && (
        <TextInput
          label={t("proof.recovery")}
          description={t("proof.recovery_hint")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          {...shared}
        />
      )}
      {way === "password" && (
        <PasswordInput label={t("proof.password")} autoComplete="current-password" {...shared} />
      )}
      <Button type="submit" size="md" loading={pending} fullWidth>
        {t("proof.confirm")}
      </Button>
    </form>
  );
}
