// Writes the bill of materials of the package in CycloneDX: its npm packages, and the C++ code in the .wasm
// files. It has no time and no random number, so the same package always gives the same bytes.
//
//     node tools/release/sbom.mjs       writes bindings/sbom.cdx.json

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { VARIANTS } from '../build.mjs';
import { asCommand, isCommand, PROJECT } from '../project.mjs';
import { linkedParts } from './linked-parts.mjs';

const SPEC = Spec.Spec1dot6;

/** The document as text. It conforms to the schema of CycloneDX. */
export async function describeMaterials(manifest, parts, files) {
  const licences = new Contrib.License.Factories.LicenseFactory(() => {});
  const { Builders, Factories } = Contrib.FromNodePackageJson;
  const builder = new Builders.ComponentBuilder(new Factories.ExternalReferenceFactory(), licences);
  const ours = builder.makeComponent(manifest, Enums.ComponentType.Library);
  ours.purl = `pkg:npm/${manifest.name}@${manifest.version}`;
  ours.bomRef.value = ours.purl;
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: ours }) });
  for (const part of [...parts, ...npmPackages(manifest)]) {
    const component = componentOf(part, licences);
    bom.components.add(component);
    ours.dependencies.add(component.bomRef);
  }
  for (const { name, content } of files) ours.components.add(fileComponent(name, content));
  bom.serialNumber = serialOf(bom);
  const text = serialize(bom);
  const invalid = await new Validation.JsonStrictValidator(SPEC.version).validate(text);
  if (invalid)
    throw new Error(`the bill of materials is not CycloneDX: ${JSON.stringify(invalid)}`);
  return `${text}\n`;
}

function componentOf({ name, version, description, licence, copyright, purl }, licences) {
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    ...{ bomRef: `${purl}#${name}`, version, description, copyright, purl },
  });
  component.licenses.add(licences.makeFromString(licence));
  return component;
}

function fileComponent(name, content) {
  const component = new Models.Component(Enums.ComponentType.File, name, { bomRef: name });
  component.hashes.set(
    Enums.HashAlgorithm['SHA-256'],
    createHash('sha256').update(content).digest('hex'),
  );
  return component;
}

/** The package must not depend on npm packages, so a dependency is an error here. */
function npmPackages({ dependencies = {}, optionalDependencies = {}, peerDependencies = {} }) {
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  if (names.length > 0) throw new Error(`the package depends on ${names.join(', ')}`);
  return [];
}

function serialize(bom) {
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPEC));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}

/** A UUID made of the document's content (version 8 of RFC 9562). */
function serialOf(bom) {
  const hash = createHash('sha256').update(serialize(bom)).digest('hex').slice(0, 32).split('');
  hash[12] = '8';
  hash[16] = ((Number.parseInt(hash[16], 16) & 3) | 8).toString(16);
  const groups = /(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(hash.join('')).slice(1);
  return `urn:uuid:${groups.join('-')}`;
}

export async function writeSbom() {
  const bindings = join(PROJECT, 'bindings');
  const manifest = JSON.parse(readFileSync(join(bindings, 'package.json'), 'utf8'));
  const files = VARIANTS.map((variant) => {
    const name = `dist/qkv.${variant}.wasm`;
    return { name, content: readFileSync(join(bindings, name)) };
  });
  const text = await describeMaterials(manifest, await linkedParts(VARIANTS), files);
  writeFileSync(join(bindings, 'sbom.cdx.json'), text);
}

if (isCommand(import.meta.url)) await asCommand(writeSbom);
