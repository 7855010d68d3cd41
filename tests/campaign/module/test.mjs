export async function testModule() {}
