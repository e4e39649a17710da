/**
 * Creates the database that every test database is a copy of.
 * @param server the connection string of the server
 */
export function createTemplate(server: string): Promise<void>;
