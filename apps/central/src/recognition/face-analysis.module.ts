import { Module } from '@nestjs/common';
import { FaceAnalysis } from './face-analysis.ts';

/** Face analysis for the slices that need it. */
@Module({ providers: [FaceAnalysis], exports: [FaceAnalysis] })
export class FaceAnalysisModule {}
