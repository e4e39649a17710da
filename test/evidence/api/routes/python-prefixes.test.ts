import { expect, test } from '@jest/globals';
import { compare } from '../compare-files.js';

test.each([
  ['from .routers import orders', 'app.include_router(orders.router, prefix="/api")', '/api'],
  ['from shop.routers import (\n    items,\n    orders as o,  # new\n)', 'app.include_router(o.router)', ''],
  ['from .routers.orders import router as r', 'app.include_router(\n    r,\n    prefix="/v1",\n)', '/v1'],
  [
    'from .routers import orders',
    'app.include_router(orders.router, tags=["a"], deps=[Depends(b)], prefix="/x")',
    '/x',
  ],
  [
    'from .routers import orders',
    'app.include_router(orders.router, prefix=settings.api)',
    '/{settings.api}',
  ],
  [
    'from .routers import orders',
    '# app.include_router(orders.router, prefix="/old")\napp.include_router(orders.router)',
    '',
  ],
  [
    'from .routers import orders',
    'app.include_router(orders.admin, prefix="/a")\napp.include_router(orders.router)',
    '',
  ],
])('finds the prefix of a Python router: %s', async (line, mount, prefix) => {
  const main = `${line}\n${mount}\n`;
  const orders = 'router = APIRouter(prefix="/orders")\n@router.get("/{id}")\ndef read(id): ...\n';
  const before = { 'shop/main.py': main, 'shop/routers/orders.py': orders, 'shop/routers/__init__.py': '' };
  const added = `${orders}@router.post("")\ndef create(): ...\n`;
  expect((await compare(before, { ...before, 'shop/routers/orders.py': added }))?.differences).toEqual([
    expect.objectContaining({ level: 'compatible', says: `POST ${prefix}/orders is new` }),
  ]);
  const [name = ''] =
    /(?<=include_router\(\s*)(?:o\.router|r|router|orders\.router)(?=[,)])/.exec(mount) ?? [];
  const moved = `${line}\napp.include_router(${name}, prefix="/v9")\n`;
  expect((await compare(before, { ...before, 'shop/main.py': moved }))?.differences).toEqual([
    expect.objectContaining({
      ...{ level: 'dangerous', says: `GET ${prefix}/orders/{id} is no longer in the source code` },
    }),
    expect.objectContaining({ level: 'compatible', says: 'GET /v9/orders/{id} is new' }),
  ]);
});
