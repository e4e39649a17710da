import { describe, expect, test } from '@jest/globals';
import { readPythonRoutes } from '../../../../src/evidence/api/routes/read-python-routes.js';
import { readScriptRoutes } from '../../../../src/evidence/api/routes/read-script-routes.js';

describe('readScriptRoutes', () => {
  test.each<[string, string, string[]]>([
    [
      'Express',
      "app.get('/a', list); router.post('/b/:id', auth, (req, res) => {});",
      ['GET /a', 'POST /b/:id'],
    ],
    ['chains of Express', "router.route('/a').get(list).post(create);", ['GET /a', 'POST /a']],
    ['chains of Hono', "new Hono().get('/a', list).delete('/b', (c) => c.text('x'));", ['DELETE /b']],
    ['Fastify', "fastify.route({ method: ['GET', 'HEAD'], url: '/a', handler });", ['GET /a', 'HEAD /a']],
    ['Fastify with options', "fastify.get('/a', { schema }, async () => {});", ['GET /a']],
    ['Koa', "const ordersRouter = new Router(); ordersRouter.put('/a', koaBody(), update);", ['PUT /a']],
    ['an object with another name', "this.gateway.patch('/a', async (req) => {});", ['PATCH /a']],
    ['a template', 'app.get(`/a`, list);', ['GET /a']],
    [
      'NestJS',
      "@Controller('orders') class Orders { @Get() all() {} @Post(':id/pay') pay() {} @Other('x') no() {} }",
      ['GET /orders', 'POST /orders/:id/pay'],
    ],
    [
      'NestJS with options',
      "@Controller({ path: 'v2', version: '2' }) class A { @Get('x') x() {} }",
      ['GET /v2/x'],
    ],
    [
      'several paths of NestJS',
      "@Controller('a') class A { @Get(['b', 'c']) x() {} @Get(name) y() {} }",
      ['GET /a/b', 'GET /a/c'],
    ],
    ['clients', "axios.get('/a'); api.post('/a', data); request(app).get('/a'); map.get('/a', 1);", []],
    ['doubles of servers', "http.get('/a', () => HttpResponse.json()); $.get('/a', function () {});", []],
    ['settings of Express', "app.get('env'); app.get('trust proxy', 1);", []],
    ['names that are not known', "app.get(path, list); app.get('/' + name, list);", []],
  ])('reads %s', (_, text, routes) => {
    expect(
      readScriptRoutes('src/a.ts', text)
        ?.routes.map(({ route }) => route)
        .sort(),
    ).toEqual(routes.sort());
  });

  test('reads which routers a file mounts, and where they come from', () => {
    const found = readScriptRoutes(
      'src/app.js',
      `import orders, { admin as back } from './orders.js';
      const users = require('./users'); const { items } = require('./items');
      app.use('/orders', orders); app.route('/back', back({ db })); app.register(users, { prefix: '/users' });
      app.use(cors()); app.use('/items', auth, items); app.use('/x', require('./x'));`,
    );
    expect(
      found?.mounts
        .map(({ prefix, name, module }) => `${prefix} ${name} ${module ?? found.imports.get(name)}`)
        .sort(),
    ).toEqual([
      ...['/back back ./orders.js', '/items auth undefined', '/items items ./items'],
      ...['/orders orders ./orders.js', '/users users ./users', '/x require ./x'],
    ]);
  });

  test('returns null for syntax that it does not know', () => {
    expect(readScriptRoutes('a.js', 'app.get(')).toBeNull();
  });
});

describe('readPythonRoutes', () => {
  test('reads FastAPI and Flask, with the prefixes of their routers', () => {
    const text = `
router = APIRouter(prefix="/orders", tags=["orders"])
bp = Blueprint("shop", __name__,
               url_prefix='/shop')

@router.get("/{id}", response_model=Order)
async def read(id: int): ...

@app.post(
    "/login"
)
def login(): ...

@bp.route('/items/<int:id>', methods=['GET', 'DELETE'])
@requires_auth
def item(id): ...

@bp.route("/")
def home(): ...

@mock.patch("app.mail.send")
@pytest.mark.parametrize("/x", [1])
def test_x(): ...
`;
    expect(readPythonRoutes(text).routes.map(({ route }) => route)).toEqual([
      ...[
        'GET /orders/{id}',
        'POST /login',
        'GET /shop/items/<int:id>',
        'DELETE /shop/items/<int:id>',
        'GET /shop',
      ],
    ]);
  });
});
