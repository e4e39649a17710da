-- The code is kept in upper case, so the unique index makes it unique whatever case it is written in.
create table discounts (
  id              integer generated always as identity primary key,
  code            text        not null unique check (code = upper(code)),
  kind            text        not null check (kind in ('percent', 'amount')),
  value           integer     not null check (value > 0),
  expires_at      timestamptz,
  max_redemptions integer     check (max_redemptions > 0),
  redemptions     integer     not null default 0 check (redemptions >= 0),
  created_at      timestamptz not null,
  check (kind <> 'percent' or value <= 100),
  check (redemptions <= max_redemptions)
);

alter table orders
  add column subtotal_cents bigint,
  add column discount_id    integer references discounts (id),
  add column discount_cents bigint not null default 0 check (discount_cents >= 0);

-- Until now nothing was ever taken off.
update orders set subtotal_cents = total_cents;

alter table orders
  alter column subtotal_cents set not null,
  add check (total_cents = subtotal_cents - discount_cents),
  add check (discount_id is not null or discount_cents = 0);
