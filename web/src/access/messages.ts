/** What the views of roles and grants say. */
export const messages = {
  ko: { access: {}, problems: {} },
  en: { access: {}, problems: {} },
};
