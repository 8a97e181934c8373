import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** A code of the check in plain words; one the catalogue lacks is shown as it is. */
export function useProblemWords(): (code: string) => string {
  const { i18n } = useTranslation();
  return useCallback(
    (code) => {
      const key = `import_problem.${code}`;
      return i18n.exists(key) ? i18n.t(key as "import_problem.row_length") : code;
    },
    [i18n],
  );
}
