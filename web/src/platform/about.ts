/** The installation's name (APP_NAME), as the server wrote it into the page. */
export const appName = document.querySelector<HTMLMetaElement>('meta[name="application-name"]')?.content || "ERP";
