/** What tests make by the API, to show it in the console afterwards: as the first administrator, or as somebody else. */
export class Client {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async signIn(url: string, email: string, password: string): Promise<Client> {
    const { access_token } = (await request(url, "POST", "/auth/login", { email, password })) as { access_token: string };
    return new Client(url, access_token);
  }

  post<T = { id: number }>(path: string, body?: unknown): Promise<T> {
    return request(this.url, "POST", path, body, this.token) as Promise<T>;
  }
  put<T = { id: number }>(path: string, body?: unknown): Promise<T> {
    return request(this.url, "PUT", path, body, this.token) as Promise<T>;
  }
  get<T>(path: string): Promise<T> {
    return request(this.url, "GET", path, undefined, this.token) as Promise<T>;
  }
  delete(path: string): Promise<unknown> {
    return request(this.url, "DELETE", path, undefined, this.token);
  }
}

async function request(url: string, method: string, path: string, body?: unknown, token?: string): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
