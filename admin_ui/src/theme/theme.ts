import { createTheme, type MantineColorsTuple } from "@mantine/core";
import classes from "./theme.module.css";

// Mantine asks for ten shades; only 4 to 7 are seen, as everything else reads the tokens.
const violet: MantineColorsTuple = [
  "#f3f2fe",
  "#e4e2fb",
  "#c6c2f5",
  "#a6a0ef",
  "#8a82e8",
  "#6f66dd",
  "#5a50d6",
  "#4f46c8",
  "#433bb0",
  "#373091",
];

const FONT = '"Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", sans-serif';
const MONO = '"JetBrains Mono Variable", ui-monospace, "SF Mono", Menlo, monospace';

const field = { classNames: { input: classes.input, label: classes.label } };

export const theme = createTheme({
  primaryColor: "violet",
  primaryShade: { light: 7, dark: 6 },
  colors: { violet },
  autoContrast: true,
  fontFamily: FONT,
  fontFamilyMonospace: MONO,
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  fontSizes: { xs: "11.5px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "20px", xl: "28px" },
  breakpoints: { xs: "30em", sm: "48em", md: "62em", lg: "75em", xl: "90em" },
  headings: {
    fontFamily: FONT,
    fontWeight: "650",
    textWrap: "balance",
    sizes: {
      h1: { fontSize: "21px", lineHeight: "1.25" },
      h2: { fontSize: "15px", lineHeight: "1.35" },
      h3: { fontSize: "13px", lineHeight: "1.4" },
    },
  },
  // Plain objects: `Button.extend` would pull every component named here into the first download.
  components: {
    Button: {
      classNames: { root: classes.button },
      defaultProps: { size: "sm", variant: "filled" },
    },
    Paper: { classNames: { root: classes.paper } },
    Card: { classNames: { root: classes.paper }, defaultProps: { radius: "lg" } },
    TextInput: field,
    PasswordInput: field,
    Textarea: field,
    Select: field,
    MultiSelect: field,
    TagsInput: field,
    NumberInput: field,
    SegmentedControl: {
      classNames: {
        root: classes.segmented,
        label: classes.segmentedLabel,
        indicator: classes.segmentedIndicator,
      },
    },
    Checkbox: {
      defaultProps: { radius: 4 },
      classNames: { input: classes.box, label: classes.boxLabel },
    },
    Tabs: { classNames: { list: classes.tabs, tab: classes.tab } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 250,
        events: { hover: true, focus: true, touch: true },
      },
      classNames: { tooltip: classes.tooltip },
    },
    Menu: {
      defaultProps: { shadow: "md", position: "bottom-end" },
      classNames: { dropdown: classes.dropdown, item: classes.menuItem },
    },
    Modal: {
      defaultProps: { centered: true, radius: "lg", overlayProps: { className: classes.overlay } },
      classNames: { content: classes.dialog, header: classes.dialog, title: classes.dialogTitle },
    },
    Drawer: { classNames: { content: classes.dialog, header: classes.dialog } },
  },
});
