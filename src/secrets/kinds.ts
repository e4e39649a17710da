import { isPlaceholder, looksRandom, looksStrong } from './looks-random.js';

type Groups = Partial<Record<string, string>>;

const nowhere =
  /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|host\.docker\.internal|(?:.+\.)?(?:test|example|invalid|localhost|example\.\w+))$/i;

/** Checks whether a password is for a real host. A host without a dot is usually a container. */
function opensHost(value: string, { user, host = '' }: Groups): boolean {
  if (nowhere.test(host) || value.length < 6 || isPlaceholder(value, user)) return false;
  return host.includes('.') || looksStrong(value, user) || looksRandom(value, true);
}

/** Checks whether a base64 value contains `user:password` with a real password. */
function holdsPassword(value: string): boolean {
  const [, user, password = ''] = /^([ -~]*?):([ -~]+)$/.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return opensHost(password, { user, host: '.' });
}

/** Checks whether a JSON web token is valid for over a year. Other tokens are often examples in manuals. */
function isLasting(token: string): boolean {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  const [exp = 0, iat = 0] = ['exp', 'iat'].map((name) =>
    Number(payload.match(`"${name}"\\s*:\\s*(\\d+)`)?.[1] ?? 0),
  );
  const isShort = exp > 0 && (iat === 0 || exp - iat <= 365 * 86_400);
  return (
    !isShort &&
    !/1234567890|"(?:john|jane|test|foo|example)/i.test(payload) &&
    looksRandom(token.slice(-40), true)
  );
}

/** Checks whether a setting is a real secret. The check is stricter if its name can be a variable. */
function isRealSetting(value: string, { name = '', quote }: Groups): boolean {
  const isExpression = !quote && /^[A-Za-z_$][\w$]*(?:\.|\[|->|::)[A-Za-z_$]/.test(value);
  if (isExpression || /^eyJ|^&|^https?:|^\$\w+\$|^(?:pbkdf2|bcrypt|scrypt|argon2|sha\d)/.test(value))
    return false;
  if (name !== name.toUpperCase()) return value.length >= 12 && looksRandom(value);
  return looksRandom(value, true) || (/PASS|PWD/.test(name) && looksStrong(value));
}

/** Each function checks whether a match is a real secret. Its key names a group of the patterns below. */
export const judges: Readonly<Record<string, (value: string, groups: Groups) => boolean>> = {
  token: (value) => looksRandom(value.slice(-64), true),
  id: (value) => !isPlaceholder(value),
  key: (_value, { body = '', more }) => !more && body.length >= 64 && looksRandom(body.slice(-64), true),
  hostPassword: opensHost,
  password: (value, { user }) => looksStrong(value, user) || looksRandom(value, true),
  basic: holdsPassword,
  jwt: isLasting,
  setting: isRealSetting,
};

/** Kinds of credentials that start with a unique prefix. */
const prefixed = {
  'a GitHub token': /gh[opsur]_[A-Za-z0-9._-]{36,}|github_pat_\w{22,}/,
  'a Claude API key': /sk-ant-[\w-]{24,}/,
  'an OpenAI key': /sk-(?:proj|svcacct|admin)-[\w-]{40,}|sk-[A-Za-z0-9]{48}/,
  'a Stripe key': /[rs]k_live_[A-Za-z0-9]{16,}/,
  'a GitLab token': /gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[\w-]{20,}/,
  'a Google credential': /AIza[\w-]{35}|GOCSPX-[\w-]{24,}|ya29\.[\w-]{40,}/,
  'a Slack token': /xox[a-z]-[A-Za-z0-9%-]{24,}|xapp-\d-[A-Za-z0-9-]{24,}/,
  'a SendGrid key': /SG\.[\w-]{22}\.[\w-]{43}/,
  'an Azure credential': /AccountKey=[A-Za-z0-9+/]{86}==|sig=[A-Za-z0-9%+/]{40,}/,
  'an access token':
    /(?:key-|SK|dapi|sk-or-v1-|rubygems_|do[opr]_v1_)[a-f0-9]{32,}|(?:whsec_|hf_|gsk_|npm_|pypi-|dckr_[po]at_|shp(?:at|ca|pa|ss)_|lin_api_|figd_|r8_|ntn_|pplx-|xai-|sbp_|nfp_|hv[sbr]\.|dp\.pt\.|tskey-auth-|gl(?:sa|c)_|PMAK-|NRAK-|ATATT3|HRKU-|pul-|sntry[su]_|pscale_(?:tkn|pw)_|fo1_|sq0(?:atp|csp)-|EAAA|AGE-SECRET-KEY-1)[\w-]{24,}/,
};

/** Kinds of credentials that are recognized by the text around them, and kinds that need further checks. */
const inContext: Record<string, RegExp | RegExp[]> = {
  'an AWS access key': /(?<![A-Za-z0-9+/])(?<id>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9+/])/dg,
  'the token of a bot or webhook':
    /(?:discord(?:app)?\.com\/api\/webhooks\/\d+\/|hooks\.slack\.com\/services\/T\w+\/B\w+\/|\b(?:bot)?\d{8,10}:(?=AA[\w-]{33}))(?<token>[\w-]{20,})/dg,
  'a private key':
    /(?<key>-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s*[A-Z][\w-]+: [^\n]*)*(?<body>(?:(?:[\s>|*#"'`+,;]|\\[nr])*[A-Za-z0-9+/=]{16,}){0,300})(?<more>\s*(?:\.\.|…|\[|<))?(?:(?:\\n|\r?\n)[ \t>|*]*[A-Za-z0-9+/=]{1,15}(?=\s|\\n|["'`]|$))?(?:(?:[\s>|*]|\\[nr])*-----END [A-Z0-9 ]{0,40}-----)?)/dg,
  'a URL with a password': [
    /:\/\/(?<user>[^\s:@/'"`<>]{0,100}):(?<hostPassword>[^\s/'"`<>]{1,200})@(?<host>\[[\d:a-f]+\]|[^\s/'"`<>:?#,)@]{1,200})/dg,
    /jdbc:oracle:thin:(?<user>\w{1,100})\/(?<hostPassword>[^\s@"']{1,100})@(?:\/\/)?(?<host>[\w.-]{1,200})/dg,
  ],
  'a connection string with a password': [
    /[;?&](?:password|pwd|SharedAccessKey)=(?<=(?:jdbc:|\b(?:Server|Host|Data Source|Endpoint)=)[^\n"'`]{0,400})(?<!(?:localhost|localdb|127\.0\.0\.1|example\.)[^\n"'`]{0,400})(?<password>[^&;\s"'`]{6,200})/dgi,
    /^(?<host>[\w.-]{1,200}):(?:\d{2,5}|\*):[\w*-]{1,100}:(?<user>[\w-]{1,100}):(?<hostPassword>[^\s:]{6,200})$/dgm,
  ],
  'a password for HTTP': [
    /(?:\bBasic\s+|"auth"\s*:\s*"|\b_auth\s*=\s*"?)(?<basic>[A-Za-z0-9+/]{8,1000}={0,2})/dg,
    /\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?["']?(?<user>[^\s:"'`]{1,100}):(?<password>[^\s"'`]{1,200})/dg,
  ],
  'an access token': /(?:\bBearer\s+|\b_authToken\s*=\s*"?)(?<token>(?!eyJ)[\w.~+/-]{20,}=*)/dg,
  'a JSON web token': /(?<![A-Za-z0-9])(?<jwt>eyJ[\w-]{10,400}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000})/dg,
  'a password': [
    /\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+(?<password>[^\s"'`]{8,200})/dg,
    /(?:--(?:password|token|api-key|secret)[ =]|\bsshpass\s+-p\s*|\b(?:redis-cli|mysql\w*|docker login)\b[^\n]{0,99}?\s-[ap]\s*)["']?(?<password>[^\s"'`]{8,200})/dg,
  ],
  'a password, token or key in a setting':
    /(?<!:|page)(?<name>pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|auth|secret|private|encryption|signing|master|app|account|shared)[-_]?key(?:_base)?)(?:["']?\]?[ \t]*(?:=>|:=|[:=>])[ \t]*|["']\s*,\s*(?=["'])|["']\s+value=(?=["']))(?<quote>["'`]?)(?:base64:)?(?<setting>[^\s"'`,;<>]{8,200})/dgi,
};

/** All kinds of credentials. Each kind has a human-readable name and a pattern. */
export const kinds: readonly (readonly [name: string, pattern: RegExp])[] = [
  ...Object.entries(prefixed).map(
    ([name, { source }]) => [name, new RegExp(`(?<![A-Za-z0-9+/])(?<token>${source})`, 'dg')] as const,
  ),
  ...Object.entries(inContext).flatMap(([name, all]) => [all].flat().map((one) => [name, one] as const)),
];
