import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import { Refusal } from '../refusal.js';
import type { App, Installation } from '../state.js';

const hourMs = 3_600_000;

export interface InstallationToken {
  value: string;
  installation: Installation;
  /** Ids of the repositories that the token covers. Null means all repositories of the installation. */
  repositories: number[] | null;
  permissions: Record<string, string>;
  expiresAt: Date;
}

export type Caller = { kind: 'app' } | { kind: 'installation'; token: InstallationToken } | { kind: 'none' };

/** Mints installation tokens and identifies the sender of a request. */
export class Tokens {
  private readonly minted = new Map<string, InstallationToken>();
  private readonly publicKey: KeyObject;

  constructor(
    private readonly app: App,
    privateKey: string,
    private readonly clock: () => Date,
  ) {
    this.publicKey = createPublicKey(privateKey);
  }

  mint(
    installation: Installation,
    repositories: number[] | null,
    permissions: Record<string, string>,
  ): InstallationToken {
    const now = this.clock().getTime();
    const token = {
      value: createTokenValue(this.app, installation, now),
      installation,
      repositories,
      permissions,
      // Round down to whole seconds, because GitHub's timestamps have no fractions of a second.
      expiresAt: new Date(Math.floor((now + hourMs) / 1000) * 1000),
    };
    this.minted.set(token.value, token);
    return token;
  }

  /**
   * Returns every token minted so far, including expired ones. A test can search logs for these tokens to
   * find leaks.
   */
  values(): string[] {
    return [...this.minted.keys()];
  }

  /** Expires every token minted so far, as if an hour had passed. */
  expireAll(): void {
    for (const token of this.minted.values()) token.expiresAt = new Date(0);
  }

  /**
   * Identifies the sender of a request.
   * @param authorization the `Authorization` header; as on GitHub, its scheme is `token` or `bearer`
   * @throws Refusal 401 when the credential is invalid or expired, 403 when the installation is suspended,
   * 404 when the App's own token (JWT) names a different App
   */
  identify(authorization: string | undefined): Caller {
    if (!authorization) return { kind: 'none' };
    const [, value = ''] = /^(?:bearer|token) (\S+)$/i.exec(authorization) ?? [];
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) && !value.startsWith('ghs_')) {
      this.checkAppToken(value);
      return { kind: 'app' };
    }
    return { kind: 'installation', token: this.installationToken(value) };
  }

  /**
   * Finds a valid installation token.
   * @throws Refusal 401 when the token is unknown or expired, 403 when the installation is suspended
   */
  installationToken(value: string): InstallationToken {
    const token = this.minted.get(value);
    if (!token || token.expiresAt <= this.clock()) throw new Refusal(401, 'Bad credentials');
    if (token.installation.suspendedAt) throw new Refusal(403, 'This installation has been suspended');
    return token;
  }

  private checkAppToken(jwt: string): void {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const undecodable = () => new Refusal(401, 'A JSON web token could not be decoded');
    const { alg } = decode(header) ?? {};
    const claims = decode(payload);
    const signed = Buffer.from(`${header}.${payload}`);
    if (alg !== 'RS256' || !claims) throw undecodable();
    if (!verify('RSA-SHA256', signed, this.publicKey, Buffer.from(signature, 'base64url')))
      throw undecodable();
    const now = this.clock().getTime() / 1000;
    const { exp, iat, iss } = claims;
    if (typeof exp !== 'number' || exp <= now)
      throw new Refusal(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    if (exp > now + 600) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    if (typeof iat !== 'number' || iat > now + 1)
      throw new Refusal(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    if (String(iss) !== String(this.app.id)) throw new Refusal(404, 'Integration not found');
  }
}

function decode(part: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Creates a token of about 520 characters in GitHub's newer format: `ghs_<app id>_`, followed by three parts
 * that are separated by dots.
 */
function createTokenValue(app: App, installation: Installation, nowMs: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = encode({ alg: 'RS256', typ: 'JWT' });
  const payload = encode({
    iss: 'github',
    aud: installation.account.login,
    installation: installation.id,
    iat: Math.floor(nowMs / 1000),
    jti: randomBytes(18).toString('hex'),
  });
  return `ghs_${app.id}_${header}.${payload}.${randomBytes(256).toString('base64url')}`;
}
