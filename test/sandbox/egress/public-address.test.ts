import { expect, test } from '@jest/globals';
import { isPublicAddress } from '../../../src/sandbox/egress/public-address.js';

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:4860:4860::8888',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['unspecified, IPv4', ['0.0.0.0', '0.255.255.255']],
  ['unspecified, IPv6', ['::', '0:0:0:0:0:0:0:0']],
  ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
  [
    'private',
    ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ],
  ['carrier-grade NAT', ['100.64.0.0', '100.127.255.255']],
  [
    'link-local, with the metadata address of clouds',
    ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1'],
  ],
  ['link-local with a zone', ['fe80::1%eth0', 'fe80::1%2']],
  ['unique local', ['fc00::1', 'fd00:ec2::254', 'fdff::1']],
  ['site-local (deprecated)', ['fec0::1', 'feff::1']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['broadcast', ['255.255.255.255']],
  ['reserved', ['192.0.0.8', '192.88.99.1', '240.0.0.1', '254.255.255.255', '100::1', '5f00::1']],
  ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
  ['benchmarking', ['198.18.0.1', '198.19.255.255', '2001:2::1']],
  ['IPv4-compatible', ['::127.0.0.1', '::10.0.0.1', '::8.8.8.8']],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:169.254.169.254', '::ffff:a00:1', '::ffff:8.8.8.8']],
  ['IPv4-translated', ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8']],
  ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::808:808', '64:ff9b:1::a00:1']],
  ['6to4', ['2002:7f00:1::', '2002:a9fe:a9fe::', '2002:808:808::1']],
  ['Teredo', ['2001:0:7f00:1::', '2001::1']],
  ['never assigned', ['1::1', '4000::1', '8000::1', 'fe00::1']],
])('%s addresses are not public', (_, addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});

test.each([
  '',
  'localhost',
  'example.org',
  '1.2.3.4.5',
  '256.1.1.1',
  '::1::',
  '[::1]',
  '8.8.8.8/8',
  ' 8.8.8.8',
])('text that is not an IP address is not public: %j', (text) => {
  expect(isPublicAddress(text)).toBe(false);
});
