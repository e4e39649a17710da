create table orders (
  id             integer generated always as identity primary key,
  customer_email text        not null,
  status         text        not null default 'placed' check (status in ('placed', 'canceled')),
  total_cents    bigint      not null check (total_cents >= 0),
  created_at     timestamptz not null,
  canceled_at   timestamptz,
  check ((status = 'canceled') = (canceled_at is not null))
);

-- The unit price is copied, so that a later price change does not change existing orders.
create table order_items (
  order_id         integer not null references orders (id) on delete cascade,
  product_id       integer not null references products (id),
  quantity         integer not null check (quantity > 0),
  unit_price_cents integer not null check (unit_price_cents >= 0),
  primary key (order_id, product_id)
);

create index order_items_product_id on order_items (product_id);
