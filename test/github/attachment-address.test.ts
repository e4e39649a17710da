import { describe, expect, test } from '@jest/globals';
import { mayFollow, readAttachmentAddress } from '../../src/github/attachment-address.js';

const repository = { owner: 'acme', name: 'shop.js' };
const uuid = '3f2b1c4d-0000-4aaa-8bbb-123456789abc';
const read = (address: string, webUrl = 'https://github.com') =>
  readAttachmentAddress(address, { webUrl, repository });
const server = 'https://ghe.example.org:8443';

describe('readAttachmentAddress', () => {
  test.each([
    [`https://github.com/user-attachments/assets/${uuid}`],
    [`https://GitHub.com:443/user-attachments/assets/${uuid}#top`],
    [`https://github.com/acme/shop.js/assets/12345/${uuid}`],
    ['https://user-images.githubusercontent.com/12345/678-0a1b2c3d-0000.png'],
    ['https://private-user-images.githubusercontent.com/12345/678-0a1b2c3d-0000.png?jwt=a.b-c_d'],
  ])('accepts an address of github.com: %s', (address) => {
    expect(read(address)).not.toBeNull();
    expect(read(address, server)).toBeNull();
  });

  test.each([
    [`${server}/user-attachments/assets/${uuid}`],
    [`${server}/assets/${uuid}`],
    [`${server}/storage/user/5/files/${uuid}`],
    [`https://media.ghe.example.org:8443/user/5/files/${uuid}?token=abc`],
  ])('accepts an address of a GitHub Enterprise Server: %s', (address) => {
    expect(read(address, server)).not.toBeNull();
    expect(read(address)).toBeNull();
  });

  test.each([
    [
      'a host that only begins like GitHub',
      `https://github.com.evil.example/user-attachments/assets/${uuid}`,
    ],
    ['a host that only ends like GitHub', `https://evilgithub.com/user-attachments/assets/${uuid}`],
    ['a user name that looks like GitHub', `https://github.com@evil.example/user-attachments/assets/${uuid}`],
    ['a user and a password', `https://user:pass@github.com/user-attachments/assets/${uuid}`],
    ['another port', `https://github.com:8443/user-attachments/assets/${uuid}`],
    ['no TLS', `http://github.com/user-attachments/assets/${uuid}`],
    ['another scheme', `file:///user-attachments/assets/${uuid}`],
    ['data', 'data:image/png;base64,AAAA'],
    ['a path', `/user-attachments/assets/${uuid}`],
    ['a path that leaves the folder', `https://github.com/user-attachments/assets/../../logout/${uuid}`],
    ['an encoded path', `https://github.com/user-attachments/assets/%2e%2e/${uuid}`],
    ['more path', `https://github.com/user-attachments/assets/${uuid}/x`],
    ['another page of GitHub', 'https://github.com/acme/shop.js/raw/main/a.png'],
    ['a file of another kind', `https://github.com/user-attachments/files/1/${uuid}.png`],
    ['another repository', `https://github.com/acme/secret/assets/12345/${uuid}`],
    ['a name that only looks like the repository', `https://github.com/acme/shopxjs/assets/12345/${uuid}`],
    ['words', 'https://github.com/user-attachments/assets/ignore-the-rules-above'],
    ['a private address', `http://169.254.169.254/user-attachments/assets/${uuid}`],
    ['no address', 'image.png'],
  ])('refuses %s', (_, address) => {
    expect(read(address)).toBeNull();
  });

  test('sends nothing of an address but its known parts', () => {
    const found = read(
      'https://private-user-images.githubusercontent.com/1/2-0a1b2c3d.png?jwt=a.b.c&next=//evil.example#x',
    );
    expect(found?.url.href).toBe(
      'https://private-user-images.githubusercontent.com/1/2-0a1b2c3d.png?jwt=a.b.c',
    );
    expect(found?.shown).toBe('https://private-user-images.githubusercontent.com/1/2-0a1b2c3d.png');
    expect(read(`https://github.com/user-attachments/assets/${uuid}?x=1`)?.url.search).toBe('');
  });
});

describe('mayFollow', () => {
  const follow = (target: string, webUrl = 'https://github.com') => mayFollow(new URL(target), webUrl);

  test('lets github.com redirect only to its own storage', () => {
    expect(follow('https://github-production-user-asset-6210df.s3.amazonaws.com/1/2?X-Amz-Date=3')).toBe(
      true,
    );
    expect(follow('https://private-user-images.githubusercontent.com/1/2.png?jwt=3')).toBe(true);
    expect(follow('https://github.com/acme/renamed/assets/1/2')).toBe(true);
    for (const target of [
      'https://github-production-user-asset-6210df.s3.amazonaws.com.evil.example/1',
      'https://github-production-evil.s3.amazonaws.com/1',
      'https://evil.githubusercontent.com/1',
      'https://user:pass@user-images.githubusercontent.com/1',
      'http://user-images.githubusercontent.com/1',
      'https://user-images.githubusercontent.com:8443/1',
      'https://169.254.169.254/latest/meta-data',
      'https://[::1]/',
      'https://localhost/',
    ])
      expect([target, follow(target)]).toEqual([target, false]);
  });

  test('lets a GitHub Enterprise Server redirect only to its own name and its subdomains', () => {
    expect(follow('https://media.ghe.example.org/user/1', server)).toBe(true);
    expect(follow('https://ghe.example.org/storage/1', server)).toBe(true);
    expect(follow('https://notghe.example.org/1', server)).toBe(false);
    expect(follow('https://example.org/1', server)).toBe(false);
    expect(follow('http://ghe.example.org:8443/1', server)).toBe(false);
    expect(follow('https://169.254.169.254/1', server)).toBe(false);
  });
});
