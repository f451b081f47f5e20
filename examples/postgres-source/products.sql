-- What the example reads: a table that some other program keeps.
CREATE TABLE products (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL,
  description text NOT NULL,
  price numeric(10, 2) NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  published boolean NOT NULL DEFAULT true
);

INSERT INTO products (title, description, price, tags, published) VALUES
  ('Enamel kettle', 'A blue kettle of steel with an enamel coat, for every hob.', 39.90, '{kitchen,tea}', true),
  ('Tea strainer', 'A fine strainer of stainless steel for loose tea.', 7.50, '{kitchen,tea}', true),
  ('Bread knife', 'A serrated knife of 24 cm that cuts crust and crumb.', 24.00, '{kitchen,baking}', true),
  ('Proofing basket', 'A basket of cane in which bread dough rises.', 18.00, '{baking}', true),
  ('Garden shears', 'Sharp shears for hedges and roses.', 32.00, '{garden}', true),
  ('Copper kettle', 'Not for sale yet.', 120.00, '{kitchen,tea}', false);
